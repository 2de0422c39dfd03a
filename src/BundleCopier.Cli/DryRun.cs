using System.Text.Json;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Shows what a copy would do.</summary>
internal static class DryRun
{
    private const int MaxRows = 100;

    public static int Run(CopyRequest request, Messages messages)
    {
        CopyPreview.Outcome outcome = CopyPreview.Of(request.Manifest, request.Settings);
        if (outcome.Error is not null)
            return messages.Invalid(outcome.Error);
        if (outcome.Preview is not { } preview)
            return messages.Refused(outcome.Refusal!);

        if (request.IsJson)
            WriteJson(request, preview);
        else if (!request.IsQuiet)
            ShowTable(request, preview);
        bool isTooLarge = preview.FreeBytes < preview.NeededBytes;
        if (isTooLarge)
            messages.Inform("there may not be enough space: files with the lowest priority would be missing");
        foreach (CopyPreview.PlannedCopy file in preview.Files.Where(f => f.Error is not null).Take(MaxRows))
        {
            string message = Messages.Printed(file.Error!.Message);
            messages.Inform($"{Messages.Printed(file.Source)}: {file.Error.Code}: {message}");
        }

        return isTooLarge || preview.Files.Any(f => f.Error is not null) ? ExitCode.Partial : ExitCode.Complete;
    }

    // The table is the result of a dry run, so it goes to standard output. With --quiet the exit code is the result.
    private static void ShowTable(CopyRequest request, CopyPreview preview)
    {
        string[][] rows =
        [
            ["file", "size", "data", "holes", "mode", "compression"],
            .. preview.Files.Take(MaxRows).Select(static file => file.Error is null
                ? (string[])[
                    Messages.Printed(file.Name),
                    ByteSize.Format(file.SizeBytes),
                    ByteSize.Format(file.DataBytes),
                    ByteSize.Format(file.HoleBytes),
                    file.ReadMode.ToString()!.ToLowerInvariant(),
                    file.Compression.ToString().ToLowerInvariant(),
                ]
                : [Messages.Printed(file.Name), "-", "-", "-", Messages.Printed(file.Error.Code), "-"]),
        ];
        Console.Out.Write(TextTable.Of(rows, rightAligned: [1, 2, 3]));
        Console.Out.Write("\n");
        if (preview.Files.Count > MaxRows)
            Console.WriteLine($"  and {preview.Files.Count - MaxRows} more files");
        string bundlePath = PathText.Join(request.Manifest.Destination!, request.Manifest.Bundle);
        string replacing = preview.IsReplacing ? ", which exists and would be replaced"
            : preview.IsNameTaken ? ", a name that another user has taken: the bundle would get a free one"
            : "";
        Console.WriteLine($"  bundle       {Messages.Printed(bundlePath)}{replacing}");
        string budget = ByteSize.Format(request.Settings.BudgetBytes);
        string io = preview.Io.ToString().ToLowerInvariant();
        Console.WriteLine($"  written by   {io} I/O, at most {budget} in flight");
        int compressed = preview.Files.Count(static f => f.Compression != Compression.None);
        if (compressed > 0)
        {
            string files = Messages.Count(preview.Files.Count, "file");
            Console.WriteLine($"  compressed   {compressed} of {files}, into .lz4 files{Sparse(preview)}");
        }

        string atMost = compressed > 0 ? ", at most" : "";
        Console.WriteLine($"  space needed {ByteSize.Format(preview.NeededBytes)}{atMost}");
        Console.WriteLine($"  space free   {(preview.FreeBytes is { } free ? ByteSize.Format(free) : "unknown")}");
    }

    private static string Sparse(CopyPreview preview)
    {
        int sparse = preview.Files.Count(static f => f.IsCompressedSparse);
        return sparse == 0
            ? ""
            : $"; {sparse} of them mostly holes, which .lz4 cannot leave out: "
                + "they may take more room than their data (20 KiB for 4 MiB of holes)";
    }

    private static void WriteJson(CopyRequest request, CopyPreview preview)
    {
        using Stream output = Console.OpenStandardOutput();
        using (Utf8JsonWriter writer = new(output, ReceiptJson.WriterOptions(indented: false)))
        {
            writer.WriteStartObject();
            writer.WriteString("event", "plan");
            writer.WriteString("bundle", request.Manifest.Bundle);
            if (preview.IsReplacing)
                writer.WriteBoolean("replaces", true);
            if (preview.IsNameTaken)
                writer.WriteBoolean("nameTaken", true);
            writer.WriteString("io", preview.Io.ToString().ToLowerInvariant());
            writer.WriteNumber("neededBytes", preview.NeededBytes);
            if (preview.FreeBytes is { } free)
                writer.WriteNumber("freeBytes", free);
            writer.WriteStartArray("files");
            foreach (CopyPreview.PlannedCopy file in preview.Files)
            {
                writer.WriteStartObject();
                JsonNames.Write(writer, ("source", file.Source), ("name", file.Name));
                writer.WriteNumber("size", file.SizeBytes);
                writer.WriteNumber("dataBytes", file.DataBytes);
                writer.WriteNumber("holeBytes", file.HoleBytes);
                writer.WriteNumber("neededBytes", file.NeededBytes);
                writer.WriteString("compression", file.Compression.ToString().ToLowerInvariant());
                if (file.ReadMode is { } travel)
                    writer.WriteString("travel", travel.ToString().ToLowerInvariant());
                if (file.Error is not null)
                {
                    writer.WriteStartObject("error");
                    writer.WriteString("code", file.Error.Code);
                    writer.WriteString("message", NameEscape.InText(file.Error.Message));
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
