using System.Globalization;
using System.Text;
using System.Text.Json;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>The bundles of a directory as a table for people, or as JSON for programs.</summary>
internal static class ListRows
{
    // A longer name moves the rest of its own row to the right.
    private const int MaxNameColumns = 60;

    private static readonly string[] Headings = ["NAME", "TIME (UTC)", "STATUS", "SIZE", "SAVED", "MISSING"];

    /// <summary>A table; nothing where there are no bundles.</summary>
    public static void WriteTable(Stream output, BundleListing listing)
    {
        if (listing.Bundles.Count == 0)
            return;
        List<string[]> rows = [Headings, .. listing.Bundles.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, Headings.Length).Select(column => rows.Max(row => row[column].Length))];
        widths[0] = Math.Min(widths[0], MaxNameColumns);
        foreach (string[] row in rows)
        {
            StringBuilder line = new();
            for (int column = 0; column < row.Length; column++)
            {
                // Sizes are compared by eye, so their ends stand below each other.
                line.Append(Headings[column] == "SIZE"
                    ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]));
                line.Append("  ");
            }

            output.Write(Encoding.UTF8.GetBytes(line.ToString().TrimEnd() + "\n"));
        }
    }

    /// <summary>One object on a line for each bundle.</summary>
    /// <param name="output">The stream.</param>
    /// <param name="path">The directory that has the bundles.</param>
    /// <param name="listing">The bundles.</param>
    public static void WriteJson(Stream output, string path, BundleListing listing)
    {
        using MemoryStream line = new();
        foreach (ListedBundle bundle in listing.Bundles)
        {
            line.SetLength(0);
            using (Utf8JsonWriter writer = new(line, ReceiptJson.WriterOptions(indented: false)))
                Write(writer, path, bundle);
            line.WriteByte((byte)'\n');
            output.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
        }
    }

    /// <summary>The status of a bundle in one word.</summary>
    public static string StatusOf(ListedBundle bundle) => bundle.State == ListedState.Finished
        ? bundle.Status.ToString()!.ToLowerInvariant()
        : bundle.State.ToString().ToLowerInvariant();

    private static string[] Cells(ListedBundle bundle)
    {
        bool isFinished = bundle.State == ListedState.Finished;
        return
        [
            Messages.Printed(bundle.Name),
            bundle.Time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-",
            StatusOf(bundle),
            bundle.AllocatedBytes is { } bytes ? ByteSize.Format(bytes) : "-",
            isFinished ? LastSentence.OfAll(bundle.Saved) : "-",
            Messages.OfReceipt(MissingOf(bundle)),
        ];
    }

    private static string MissingOf(ListedBundle bundle) => bundle.State switch
    {
        ListedState.Damaged => bundle.Problem ?? "",
        ListedState.Unfinished => "its copy has not ended, or was killed",
        _ when bundle.Saved.WholeFiles == bundle.Saved.Files => "-",
        _ => LastSentence.OfMissing(bundle.Saved, bundle.Missing, bundle.MoreReasons),
    };

    private static void Write(Utf8JsonWriter writer, string path, ListedBundle bundle)
    {
        writer.WriteStartObject();
        JsonNames.Write(writer, ("name", bundle.Name), ("path", PathText.Join(path, bundle.Directory)));
        writer.WriteString("status", StatusOf(bundle));
        if (bundle.StartedAt is { } startedAt)
            writer.WriteString("startedAt", startedAt.UtcDateTime);
        if (bundle.Time is { } time)
            writer.WriteString(bundle.State == ListedState.Finished ? "finishedAt" : "changedAt", time.UtcDateTime);
        if (bundle.AllocatedBytes is { } bytes)
            writer.WriteNumber("allocatedBytes", bytes);
        if (bundle.State == ListedState.Finished)
        {
            SavedBytes saved = bundle.Saved;
            writer.WriteNumber("files", saved.Files);
            writer.WriteNumber("filesIncomplete", saved.Files - saved.WholeFiles);
            writer.WriteNumber("filesNotOpened", saved.UnopenedFiles);
            writer.WriteNumber("savedBytes", saved.DataBytes);
            writer.WriteNumber("wantedBytes", saved.WantedBytes);
            writer.WriteNumber("missingBytes", saved.MissingBytes);
            if (bundle.Missing.Count > 0)
                ProgressLines.WriteReasons(writer, bundle.Missing);
        }

        if (bundle.Problem is { } problem)
            writer.WriteString("problem", NameEscape.InText(problem));
        writer.WriteEndObject();
    }
}
