using System.Text;

namespace BundleCopier.Input;

/// <summary>
/// One error in the user's input: where it is, what is wrong, and how to correct it. When it is returned, nothing has
/// been written.
/// </summary>
/// <param name="Where">
/// The input with the error: a file name such as <c>crash.json</c>, <c>stdin</c>, or an option such as
/// <c>--budget</c>.
/// </param>
/// <param name="Field">The field, such as <c>files[0].name</c>; empty when the whole input is meant.</param>
/// <param name="Problem">What is wrong, without a full stop.</param>
/// <param name="Mend">How to correct it, as a sentence with its full stop.</param>
public sealed record InputError(string Where, string Field, string Problem, string Mend)
{
    // The key of a configuration may be as long as its file.
    private const int MaxFieldChars = 1000;

    /// <summary>
    /// The error on one line, for people:
    /// <c>crash.json: files[1].name: ".." is not allowed in a path. Use a relative path ...</c>
    /// </summary>
    public override string ToString()
    {
        StringBuilder line = new();
        line.Append(Where).Append(": ");
        if (Field.Length > 0)
            line.Append(Printable.Shortened(Field, MaxFieldChars)).Append(": ");
        line.Append(Problem);
        if (Mend.Length > 0)
            line.Append(". ").Append(Mend);
        // File names and fields come from outside and may contain line breaks or terminal escapes.
        return Printable.Of(line.ToString());
    }
}
