using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A receipt as another program would read it: by the names of its fields.</summary>
internal sealed class ReceiptView(JsonElement root)
{
    public string Status => Text(root, "status");

    public JsonElement Root => root;

    public JsonElement Resources => root.GetProperty("resources");

    public FileView this[string name] => Files.Single(f => f.Name == name);

    public IReadOnlyList<FileView> Files =>
        [.. root.GetProperty("files").EnumerateArray().Select(f => new FileView(f))];

    public static ReceiptView Read(Workspace place)
    {
        using JsonDocument document =
            JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place.BundlePath, "receipt.json")));
        return new ReceiptView(document.RootElement.Clone());
    }

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;

    /// <summary>One file of a receipt.</summary>
    internal sealed class FileView(JsonElement file)
    {
        public JsonElement Json => file;

        public string Name => Text(file, "name");

        public string Source => Text(file, "source");

        public string Status => Text(file, "status");

        public long Size => file.GetProperty("size").GetInt64();

        public long DataBytes => file.GetProperty("dataBytes").GetInt64();

        public long WrittenBytes => file.GetProperty("writtenBytes").GetInt64();

        public bool Stable => file.GetProperty("stable").GetBoolean();

        public string? Output => Optional("output");

        public string? Io => Optional("io");

        public string? ReadMode => Optional("travel");

        public string? Compression => Optional("compression");

        public string? Checksum => Optional("checksum");

        public string? Error =>
            file.TryGetProperty("error", out JsonElement error)
            && error.ValueKind == JsonValueKind.Object ? Text(error, "code") : null;

        public string ErrorMessage => Text(file.GetProperty("error"), "message");

        public (long Offset, long Length)[] Ranges =>
            [.. file.GetProperty("ranges").EnumerateArray()
                .Select(r => (r.GetProperty("offset").GetInt64(), r.GetProperty("length").GetInt64()))];

        public void IsWhole()
        {
            Assert.Equal(("copied", null), (Status, Error));
            Assert.Equal($"files/{Name}", Output);
            Assert.Equal(Size == 0 ? [] : [(0, Size)], Ranges);
        }

        private string? Optional(string field) =>
            file.TryGetProperty(field, out JsonElement value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
