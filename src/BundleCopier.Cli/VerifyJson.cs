using System.Text.Json;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Verify;

namespace BundleCopier.Cli;

/// <summary>What was found out about a bundle, as one JSON object on a line (docs/restore.md).</summary>
internal static class VerifyJson
{
    public static void Write(
        StandardOutput output, string path, VerifyReport.Done done, int code, ProblemList problems, TimeSpan time) =>
        CleanupLines.WriteLine(output, "verified", writer =>
        {
            JsonNames.Write(writer, ("path", path));
            writer.WriteString("bundle", done.Bundle);
            writer.WriteString("status", VerifyRun.StatusOf(done));
            writer.WriteString("result", ResultOf(done));
            writer.WriteNumber("exitCode", code);
            writer.WriteBoolean("complete", done.IsComplete);
            writer.WriteNumber("files", done.Saved.Files);
            writer.WriteNumber("filesIntact", done.Count(VerdictKind.Intact));
            writer.WriteNumber("filesDamaged", done.Count(VerdictKind.Damaged));
            writer.WriteNumber("filesUnchecked", done.Count(VerdictKind.Unknown));
            writer.WriteNumber("filesAbsent", done.Count(VerdictKind.Absent));
            WriteSaved(writer, done.Saved, done.Missing);
            if (VerifyRun.LackOf(done) is { } lack)
                writer.WriteString("message", Messages.OfReceipt(lack));
            problems.Write(writer);
            writer.WriteNumber("seconds", Math.Round(time.TotalSeconds, 3));
        });

    /// <summary>What the receipt says is saved and missing.</summary>
    public static void WriteSaved(Utf8JsonWriter writer, SavedBytes saved, IReadOnlyList<ReceiptMissing> missing)
    {
        writer.WriteNumber("filesIncomplete", saved.Files - saved.WholeFiles);
        writer.WriteNumber("savedBytes", saved.DataBytes);
        writer.WriteNumber("wantedBytes", saved.WantedBytes);
        writer.WriteNumber("missingBytes", saved.MissingBytes);
        if (missing.Count > 0)
            ProgressLines.WriteReasons(writer, missing);
    }

    private static string ResultOf(VerifyReport.Done done) => VerifyRun.CodeOf(done, isComplete: true) switch
    {
        ExitCode.Damaged => "damaged",
        ExitCode.Partial when done.Count(VerdictKind.Unknown) > 0 => "unchecked",
        ExitCode.Partial => "incomplete",
        _ => "intact",
    };
}
