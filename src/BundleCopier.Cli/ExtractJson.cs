using BundleCopier.Native;
using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary>What became of the files of a bundle, as one JSON object on a line (docs/restore.md).</summary>
internal static class ExtractJson
{
    public static void Write(
        StandardOutput output,
        ExtractedBundle bundle,
        ExtractReport.Done done,
        int code,
        ProblemList problems,
        TimeSpan time) =>
        CleanupLines.WriteLine(output, "extracted", writer =>
        {
            JsonNames.Write(writer, ("path", bundle.Path), ("destination", bundle.Destination));
            writer.WriteString("bundle", done.Bundle);
            writer.WriteNumber("exitCode", code);
            writer.WriteNumber("files", done.Saved.Files);
            writer.WriteNumber("filesRestored", done.Count(RestoreKind.Restored));
            writer.WriteNumber("filesUnchecked", done.Count(RestoreKind.Unchecked));
            writer.WriteNumber("filesPartial", done.Count(RestoreKind.Partial));
            writer.WriteNumber("filesAbsent", done.Count(RestoreKind.Absent));
            writer.WriteNumber("filesDamaged", done.Count(RestoreKind.Damaged));
            writer.WriteNumber("filesKept", done.Count(RestoreKind.Kept));
            writer.WriteNumber("filesFailed", done.Count(RestoreKind.Failed));
            writer.WriteNumber("filesExisting", done.Count(RestoreKind.Existing));
            writer.WriteNumber("filesNotPreserved", done.NotPreserved);
            VerifyJson.WriteSaved(writer, done.Saved, done.Missing);
            if (ExtractRun.LackOf(done) is { } lack)
                writer.WriteString("message", lack);
            problems.Write(writer);
            if (done.SyncProblem is { } problem)
                writer.WriteString("syncProblem", problem);
            writer.WriteNumber("seconds", Math.Round(time.TotalSeconds, 3));
        });
}
