using System.Text.Json;
using BundleCopier.Model;

namespace BundleCopier.Cli;

/// <summary>Writes names and paths to JSON lines as a receipt does (docs/format.md).</summary>
internal static class JsonNames
{
    /// <summary>Writes fields of one object; with "escaped" where one of them has bytes that are not UTF-8.</summary>
    public static void Write(Utf8JsonWriter writer, params ReadOnlySpan<(string Field, string Name)> names)
    {
        bool escapes = false;
        foreach ((_, string name) in names)
            escapes |= NameBytes.HasRaw(name);
        foreach ((string field, string name) in names)
            writer.WriteString(field, escapes ? NameEscape.Of(name) : name);
        if (escapes)
            writer.WriteBoolean("escaped", true);
    }
}
