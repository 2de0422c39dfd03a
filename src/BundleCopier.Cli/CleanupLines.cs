using System.Text.Json;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Cli;

/// <summary>
/// Writes what was removed after a commit to standard output, one JSON object per line, in front of the receipt.
/// </summary>
internal static class CleanupLines
{
    public static void Write(DestinationCleanup cleanup)
    {
        StandardOutput output = new();
        foreach (RemovedBundle gone in cleanup.Removed)
        {
            WriteLine(output, "removed", writer =>
            {
                JsonNames.Write(writer, ("path", gone.Path));
                writer.WriteString("reason", Reason(gone.Reason));
                if (gone.SizeBytes is { } sizeBytes)
                    writer.WriteNumber("bytes", sizeBytes);
                if (gone.FinishedAt is { } finishedAt)
                    writer.WriteString("finishedAt", finishedAt.UtcDateTime);
            });
        }

        foreach (string warning in cleanup.Warnings)
            WriteLine(output, "warning", writer => writer.WriteString("message", NameEscape.InText(warning)));
    }

    /// <summary>The reason, named as its setting.</summary>
    public static string Reason(RemovalReason reason) => reason switch
    {
        RemovalReason.MaxBundles => "max-bundles",
        RemovalReason.MaxUse => "max-use",
        RemovalReason.KeepFree => "keep-free",
        RemovalReason.PartialMaxAge => "partial-max-age",
        _ => reason.ToString().ToLowerInvariant(),
    };

    public static void WriteLine(StandardOutput output, string kind, Action<Utf8JsonWriter> addFields)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter writer = new(line, ReceiptJson.WriterOptions(indented: false)))
        {
            writer.WriteStartObject();
            writer.WriteString("event", kind);
            addFields(writer);
            writer.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        // A closed pipe does not change how the copy ended.
        _ = output.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
    }
}
