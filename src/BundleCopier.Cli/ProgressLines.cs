using System.Text.Json;
using System.Threading.Channels;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Cli;

/// <summary>Writes progress to standard output, one JSON object per line.</summary>
internal static class ProgressLines
{
    public static async Task WriteAsync(ChannelReader<CopyProgress> reports)
    {
        StandardOutput output = new();
        await foreach (CopyProgress report in reports.ReadAllAsync())
        {
            using MemoryStream line = new();
            using (Utf8JsonWriter writer = new(line, ReceiptJson.WriterOptions(indented: false)))
            {
                writer.WriteStartObject();
                writer.WriteString("event", "progress");
                writer.WriteString("phase", report.Phase.ToString().ToLowerInvariant());
                writer.WriteNumber("filesDone", report.FilesDone);
                writer.WriteNumber("filesIncomplete", report.FilesIncomplete);
                writer.WriteNumber("filesTotal", report.FilesTotal);
                writer.WriteNumber("dataBytes", report.DataBytes);
                writer.WriteNumber("dataBytesTotal", report.DataBytesTotal);
                writer.WriteNumber("inFlightBytes", report.InFlightBytes);
                writer.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 3));
                if (report.UntilDeadline is { } left)
                    writer.WriteNumber("secondsUntilDeadline", Math.Round(left.TotalSeconds, 3));
                if (report.CurrentFile is { } file)
                    JsonNames.Write(writer, ("file", file));
                if (report.HeldBackBy is { } hold)
                    writer.WriteString("heldBackBy", NameOf(hold));
                writer.WriteEndObject();
            }

            line.WriteByte((byte)'\n');
            // One write per line, so that a reader never sees half a line. A closed pipe does not stop the copy.
            if (output.Write(line.GetBuffer().AsSpan(0, (int)line.Length)) != OutputAnswer.Written)
                return;
        }
    }

    private static string NameOf(CopyHold hold) =>
        hold == CopyHold.MaxRate ? "max-rate" : hold.ToString().ToLowerInvariant();

    /// <summary>What is missing from a bundle, and why: the line before the receipt.</summary>
    public static void WriteMissing(Stream output, BundleReceipt receipt, SavedBytes saved)
    {
        using (Utf8JsonWriter writer = new(output, ReceiptJson.WriterOptions(indented: false)))
        {
            writer.WriteStartObject();
            writer.WriteString("event", "missing");
            writer.WriteNumber("savedBytes", saved.DataBytes);
            writer.WriteNumber("missingBytes", saved.MissingBytes);
            writer.WriteNumber("filesIncomplete", receipt.Files.Count - saved.WholeFiles);
            writer.WriteNumber("filesNotOpened", saved.UnopenedFiles);
            WriteReasons(writer, receipt.Missing ?? []);
            writer.WriteString("message", LastSentence.Of(saved, receipt.Missing ?? []));
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Why something is missing, as an array <c>reasons</c>.</summary>
    public static void WriteReasons(Utf8JsonWriter writer, IReadOnlyList<ReceiptMissing> reasons)
    {
        writer.WriteStartArray("reasons");
        foreach (ReceiptMissing missing in reasons)
        {
            writer.WriteStartObject();
            writer.WriteString("code", NameEscape.InText(missing.Code));
            if (missing.Reason is { } reason)
                writer.WriteString("reason", NameEscape.InText(reason));
            writer.WriteNumber("files", missing.Files);
            writer.WriteNumber("bytes", missing.Bytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
