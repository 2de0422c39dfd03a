using System.Text.Json;
using BundleCopier.Faults;
using BundleCopier.Model;

namespace BundleCopier.Cli;

/// <summary>
/// What is not as it should be with the files of a bundle, for the JSON of a command. A bundle can have any number of
/// damaged files, so only the first ones are kept, and the others are counted.
/// </summary>
internal sealed class ProblemList
{
    public const int MaxCount = 1000;

    private readonly List<Problem> problems = [];
    private long moreCount;

    /// <summary>Adds a problem.</summary>
    /// <param name="kind">What it is, in one word.</param>
    /// <param name="file">The path in the bundle.</param>
    /// <param name="message">What is wrong, for people.</param>
    /// <param name="place">Where; null where that is not known.</param>
    public void Add(string kind, string file, string message, Damage? place = null)
    {
        if (problems.Count < MaxCount)
            problems.Add(new Problem(kind, file, Messages.OfReceipt(message), place));
        else
            moreCount++;
    }

    /// <summary>Adds the damaged places of a file.</summary>
    public void Add(string file, FileDamage damage)
    {
        foreach (Damage place in damage.Damages)
            Add("damaged", file, place.Detail, place);
        moreCount += damage.MoreCount;
    }

    /// <summary>Writes them as an array <c>problems</c>; nothing where there are none.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (problems.Count == 0)
            return;
        writer.WriteStartArray("problems");
        foreach (Problem problem in problems)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", problem.Kind);
            JsonNames.Write(writer, ("file", problem.File));
            writer.WriteString("message", NameEscape.InText(problem.Message));
            if (problem.Place is { } place)
            {
                if (place.Offset is { } offset)
                    writer.WriteNumber("offset", offset);
                if (place.Frame is { } frame)
                    writer.WriteNumber("frame", frame);
                if (place.Lost is { } lost)
                {
                    writer.WriteNumber("lostOffset", lost.Offset);
                    writer.WriteNumber("lostLength", lost.Length);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (moreCount > 0)
            writer.WriteNumber("moreProblems", moreCount);
    }

    private sealed record Problem(string Kind, string File, string Message, Damage? Place);
}
