using System.Text.Json;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// Writes the entry of one file field by field, with the same result as the serializer (a test compares them). The
/// serializer takes more than twice as long, and a bundle is not committed before its receipt is written.
/// </summary>
internal static class ReceiptFileWriter
{
    private static readonly JsonEncodedText Source = Name("source");
    private static readonly JsonEncodedText FileName = Name("name");
    private static readonly JsonEncodedText Output = Name("output");
    private static readonly JsonEncodedText Escaped = Name("escaped");
    private static readonly JsonEncodedText Status = Name("status");
    private static readonly JsonEncodedText Size = Name("size");
    private static readonly JsonEncodedText DataBytes = Name("dataBytes");
    private static readonly JsonEncodedText WrittenBytes = Name("writtenBytes");
    private static readonly JsonEncodedText Ranges = Name("ranges");
    private static readonly JsonEncodedText Offset = Name("offset");
    private static readonly JsonEncodedText Length = Name("length");
    private static readonly JsonEncodedText Compression = Name("compression");
    private static readonly JsonEncodedText Checksum = Name("checksum");
    private static readonly JsonEncodedText SegmentChecksumsOffset = Name("segmentChecksumsOffset");
    private static readonly JsonEncodedText Io = Name("io");
    private static readonly JsonEncodedText ReadModeName = Name("travel");
    private static readonly JsonEncodedText Stable = Name("stable");
    private static readonly JsonEncodedText Metadata = Name("sourceMetadata");
    private static readonly JsonEncodedText Mode = Name("mode");
    private static readonly JsonEncodedText Uid = Name("uid");
    private static readonly JsonEncodedText Gid = Name("gid");
    private static readonly JsonEncodedText ModifiedAt = Name("modifiedAt");
    private static readonly JsonEncodedText ModifiedNs = Name("modifiedNs");
    private static readonly JsonEncodedText ChangedAt = Name("changedAt");

    private static readonly JsonEncodedText[] Statuses = NamesOf<FileStatus>();
    private static readonly JsonEncodedText[] Compressions = NamesOf<OutputCompression>();
    private static readonly JsonEncodedText[] Ios = NamesOf<OutputIo>();
    private static readonly JsonEncodedText[] ReadModes = NamesOf<ReadMode>();

    public static void Write(Utf8JsonWriter writer, ReceiptFile file)
    {
        bool escapes = EscapedNames.AreNeeded(file);
        writer.WriteStartObject();
        writer.WriteString(Source, Spelling(file.Source, escapes));
        writer.WriteString(FileName, Spelling(file.Name, escapes));
        if (file.Output is not null)
            writer.WriteString(Output, Spelling(file.Output, escapes));
        if (escapes)
            writer.WriteBoolean(Escaped, true);
        writer.WriteString(Status, Statuses[(int)file.Status]);
        writer.WriteNumber(Size, file.SizeBytes);
        writer.WriteNumber(DataBytes, file.DataBytes);
        writer.WriteNumber(WrittenBytes, file.WrittenBytes);
        WriteRanges(writer, file.Ranges);
        writer.WriteString(Compression, Compressions[(int)file.Compression]);
        if (file.Checksum is not null)
            writer.WriteString(Checksum, file.Checksum);
        if (file.SegmentChecksumsOffset is { } segments)
            writer.WriteNumber(SegmentChecksumsOffset, segments);
        if (file.Io is { } io)
            writer.WriteString(Io, Ios[(int)io]);
        if (file.ReadMode is { } mode)
            writer.WriteString(ReadModeName, ReadModes[(int)mode]);
        writer.WriteBoolean(Stable, file.Stable);
        if (file.Process is { } mappings)
        {
            writer.WritePropertyName("process");
            JsonSerializer.Serialize(writer, mappings, ReceiptJson.Default.IReadOnlyListReceiptMapping);
        }

        if (file.MoreMappings is { } more)
            writer.WriteNumber("moreMappings", more);
        if (file.SourceMetadata is { } metadata)
            Write(writer, metadata, escapes);
        if (file.Core is { } core)
        {
            writer.WritePropertyName("core");
            JsonSerializer.Serialize(writer, core, ReceiptJson.Default.ReceiptCore);
        }

        if (file.Error is { } error)
        {
            writer.WritePropertyName("error");
            ReceiptError shown = error with { Message = NameEscape.InText(error.Message) };
            JsonSerializer.Serialize(writer, shown, ReceiptJson.Default.ReceiptError);
        }

        writer.WriteEndObject();
    }

    private static void WriteRanges(Utf8JsonWriter writer, IReadOnlyList<ByteRange> ranges)
    {
        writer.WriteStartArray(Ranges);
        for (int i = 0; i < ranges.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber(Offset, ranges[i].Offset);
            writer.WriteNumber(Length, ranges[i].Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, SourceMetadata metadata, bool escapes)
    {
        Span<byte> room = stackalloc byte[UtcTimeConverter.TextBytes];
        writer.WriteStartObject(Metadata);
        writer.WriteString(Mode, OctalModeConverter.Format(metadata.Mode, room));
        writer.WriteNumber(Uid, metadata.Uid);
        writer.WriteNumber(Gid, metadata.Gid);
        writer.WriteString(ModifiedAt, UtcTimeConverter.Format(metadata.ModifiedAt, room));
        if (metadata.ModifiedNs is { } modifiedNs)
            writer.WriteNumber(ModifiedNs, modifiedNs);
        writer.WriteString(ChangedAt, UtcTimeConverter.Format(metadata.ChangedAt, room));
        if (metadata.Xattrs is { } xattrs)
        {
            writer.WriteStartObject("xattrs");
            foreach ((string name, ReadOnlyMemory<byte> value) in xattrs)
                writer.WriteBase64String(Spelling(name, escapes), value.Span);
            writer.WriteEndObject();
        }

        if (metadata.XattrsOmitted is { } omitted)
        {
            writer.WritePropertyName("xattrsOmitted");
            JsonSerializer.Serialize(
                writer, escapes ? EscapedNames.Of(omitted) : omitted, ReceiptJson.Default.OmittedXattrs);
        }

        writer.WriteEndObject();
    }

    private static string Spelling(string name, bool escapes) => escapes ? NameEscape.Of(name) : name;

    private static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name);

    // By value: these enums count from 0 without gaps.
    private static JsonEncodedText[] NamesOf<T>()
        where T : struct, Enum =>
        Array.ConvertAll(Enum.GetNames<T>(), static name => JsonEncodedText.Encode(name.ToLowerInvariant()));
}
