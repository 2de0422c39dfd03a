using System.Text;

namespace BundleCopier.Input;

/// <summary>
/// One thing that is wrong with what the user gave: where it is, what is wrong and what would be right.
/// Nothing has been written when one of these is returned.
/// </summary>
/// <param name="Where">The input that holds the mistake: a file name such as <c>crash.json</c>, <c>stdin</c>, or an option such as <c>--budget</c>.</param>
/// <param name="Field">The field in it, such as <c>files[0].name</c>; empty when the input as a whole is meant.</param>
/// <param name="Problem">What is wrong, without a full stop.</param>
/// <param name="Mend">What to do about it, as a sentence with its full stop.</param>
public sealed record InputError(string Where, string Field, string Problem, string Mend)
{
    /// <summary>One line for a person: <c>crash.json: files[1].name: ".." is not allowed in a path. Use a relative path ...</c></summary>
    public override string ToString()
    {
        StringBuilder line = new();
        line.Append(Where).Append(": ");
        if (Field.Length > 0)
            line.Append(Field).Append(": ");
        line.Append(Problem);
        if (Mend.Length > 0)
            line.Append(". ").Append(Mend);
        // File names and fields come from outside and may hold line breaks or terminal escapes: the message stays one harmless line.
        return Printable.Of(line.ToString());
    }
}
