using System.Text.Json;
using System.Threading.Channels;
using BundleCopier.Native;

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
            using (Utf8JsonWriter writer = new(line))
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
                writer.WriteEndObject();
            }

            line.WriteByte((byte)'\n');
            // One write per line, so that a reader never sees half a line. A closed pipe does not stop the copy.
            if (output.Write(line.GetBuffer().AsSpan(0, (int)line.Length)) != OutputAnswer.Written)
                return;
        }
    }
}
