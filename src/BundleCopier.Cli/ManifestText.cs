using System.Text.Encodings.Web;
using System.Text.Json;
using BundleCopier.Manifest;
using BundleCopier.Model;

namespace BundleCopier.Cli;

/// <summary>Writes a manifest as JSON (docs/manifest.md).</summary>
internal static class ManifestText
{
    public static byte[] Of(BundleManifest manifest)
    {
        using MemoryStream text = new();
        JsonWriterOptions options = new()
        {
            Indented = true,
            NewLine = "\n",
            // People read and change this file.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (Utf8JsonWriter writer = new(text, options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", ManifestReader.Version);
            writer.WriteString("bundle", manifest.Bundle);
            if (manifest.Destination is { } destination)
                writer.WriteString("destination", destination);
            writer.WriteStartArray("files");
            foreach (ManifestFile file in manifest.Files)
                Write(writer, file);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, ManifestFile file)
    {
        bool isEscaped = NameBytes.HasRaw(file.Source) || NameBytes.HasRaw(file.Name ?? "")
            || file.Exclude?.Any(NameBytes.HasRaw) == true;
        string Text(string name) => isEscaped ? NameEscape.Of(name) : name;
        writer.WriteStartObject();
        writer.WriteString("source", Text(file.Source));
        if (file.Name is { } name)
            writer.WriteString("name", Text(name));
        if (file.Exclude is { } exclude)
        {
            writer.WriteStartArray("exclude");
            foreach (string pattern in exclude)
                writer.WriteStringValue(Text(pattern));
            writer.WriteEndArray();
        }

        if (isEscaped)
            writer.WriteBoolean("escaped", true);
        writer.WriteEndObject();
    }
}
