using System.Buffers;
using System.Text.Json;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>The fields of a receipt before its files.</summary>
/// <param name="Bundle">The bundle's name.</param>
/// <param name="Status">How the run ended.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When the bundle was about to be committed.</param>
/// <param name="DataBytes">See <see cref="BundleReceipt.DataBytes"/>.</param>
/// <param name="Labels">The manifest's labels.</param>
/// <param name="Durability">See <see cref="BundleReceipt.Durability"/>.</param>
/// <param name="Missing">See <see cref="BundleReceipt.Missing"/>.</param>
/// <param name="Resumed">See <see cref="BundleReceipt.Resumed"/>.</param>
/// <param name="WantedBundle">See <see cref="BundleReceipt.WantedBundle"/>.</param>
/// <param name="WantedBundleDataBytes">See <see cref="BundleReceipt.WantedBundleDataBytes"/>.</param>
/// <param name="Facts">See <see cref="BundleReceipt.Facts"/>.</param>
/// <param name="ReleaseMs">See <see cref="BundleReceipt.ReleaseMs"/>.</param>
/// <param name="Origin">Who made the bundle; null where nothing is known.</param>
internal sealed record ReceiptHeader(
    string Bundle,
    BundleStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    long? DataBytes,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string>? Durability,
    IReadOnlyList<ReceiptMissing>? Missing,
    bool? Resumed,
    string? WantedBundle = null,
    long? WantedBundleDataBytes = null,
    IReadOnlyList<ReceiptFact>? Facts = null,
    long? ReleaseMs = null,
    ReceiptOrigin? Origin = null)
{
    /// <summary>The same for a bundle that has another name than it was to have.</summary>
    public ReceiptHeader Named(string bundle, long? betterBytes = null) => bundle == Bundle
        ? this
        : this with { Bundle = bundle, WantedBundle = Bundle, WantedBundleDataBytes = betterBytes };
}

/// <summary>
/// Writes a receipt file by file, so the memory that it needs does not grow with the number of files.
/// </summary>
public static class ReceiptWriter
{
    // Large enough for few writes to a stream, small compared with any budget.
    private const int FlushBytes = 64 * 1024;

    private static readonly UtcTimeConverter Times = new();

    internal static void Write(
        IBufferWriter<byte> to,
        ReceiptHeader header,
        IEnumerable<ReceiptFile> files,
        ReceiptResources resources,
        ReceiptBystanders? bystanders,
        bool indented)
    {
        using Utf8JsonWriter writer = new(to, ReceiptJson.WriterOptions(indented));
        Write(writer, header, files, resources, bystanders);
    }

    internal static void Write(
        Stream to,
        ReceiptHeader header,
        IEnumerable<ReceiptFile> files,
        ReceiptResources resources,
        ReceiptBystanders? bystanders,
        bool indented)
    {
        using Utf8JsonWriter writer = new(to, ReceiptJson.WriterOptions(indented));
        Write(writer, header, files, resources, bystanders);
    }

    /// <summary>Writes a receipt.</summary>
    /// <param name="to">The stream, which is flushed and stays open.</param>
    /// <param name="receipt">The receipt.</param>
    /// <param name="indented">
    /// With lines and indents; otherwise all on one line, without a line break at its end.
    /// </param>
    public static void Write(Stream to, BundleReceipt receipt, bool indented) =>
        Write(to, HeaderOf(receipt), receipt.Files, receipt.Resources, receipt.Bystanders, indented);

    internal static void Write(IBufferWriter<byte> to, BundleReceipt receipt, bool indented) =>
        Write(to, HeaderOf(receipt), receipt.Files, receipt.Resources, receipt.Bystanders, indented);

    internal static ReceiptHeader HeaderOf(BundleReceipt receipt) => new(
        receipt.Bundle,
        receipt.Status,
        receipt.StartedAt,
        receipt.FinishedAt,
        receipt.DataBytes,
        receipt.Labels,
        receipt.Durability,
        receipt.Missing,
        receipt.Resumed,
        receipt.WantedBundle,
        receipt.WantedBundleDataBytes,
        receipt.Facts,
        receipt.ReleaseMs,
        new ReceiptOrigin(receipt.Program, receipt.Host, receipt.Command));

    // The fields of BundleReceipt in their order; a test compares the two.
    private static void Write(
        Utf8JsonWriter writer,
        ReceiptHeader header,
        IEnumerable<ReceiptFile> files,
        ReceiptResources resources,
        ReceiptBystanders? bystanders)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", BundleReceipt.CurrentVersion);
        writer.WriteString("bundle", header.Bundle);
        writer.WritePropertyName("status");
        JsonSerializer.Serialize(writer, header.Status, ReceiptJson.Default.BundleStatus);
        WriteTime(writer, "startedAt", header.StartedAt);
        WriteTime(writer, "finishedAt", header.FinishedAt);
        // In front of the labels, which may be long: see ReceiptHead.
        if (header.DataBytes is { } dataBytes)
            writer.WriteNumber("dataBytes", dataBytes);
        writer.WriteStartObject("labels");
        foreach ((string key, string value) in header.Labels)
            writer.WriteString(key, value);
        writer.WriteEndObject();
        if (header.Durability is { Count: > 0 } durability)
        {
            writer.WriteStartArray("durability");
            foreach (string promise in durability)
                writer.WriteStringValue(promise);
            writer.WriteEndArray();
        }

        if (header.Missing is { Count: > 0 } missing)
        {
            writer.WritePropertyName("missing");
            JsonSerializer.Serialize(writer, missing, ReceiptJson.Default.IReadOnlyListReceiptMissing);
        }

        if (header.Resumed is { } resumed)
            writer.WriteBoolean("resumed", resumed);
        if (header.WantedBundle is not null)
            writer.WriteString("wantedBundle", header.WantedBundle);
        if (header.WantedBundleDataBytes is { } betterBytes)
            writer.WriteNumber("wantedBundleDataBytes", betterBytes);
        if (header.Origin?.Program is { } program)
        {
            writer.WritePropertyName("program");
            JsonSerializer.Serialize(writer, program, ReceiptJson.Default.ReceiptProgram);
        }

        if (header.Origin?.Host is { } host)
        {
            writer.WritePropertyName("host");
            JsonSerializer.Serialize(writer, host, ReceiptJson.Default.ReceiptHost);
        }

        if (header.Origin?.Command is { } command)
            writer.WriteString("command", command);
        if (header.Facts is { Count: > 0 } facts)
        {
            writer.WritePropertyName("facts");
            JsonSerializer.Serialize(writer, facts, ReceiptJson.Default.IReadOnlyListReceiptFact);
        }

        if (header.ReleaseMs is { } releaseMs)
            writer.WriteNumber("releaseMs", releaseMs);
        writer.WriteStartArray("files");
        foreach (ReceiptFile file in files)
        {
            ReceiptFileWriter.Write(writer, file);
            if (writer.BytesPending >= FlushBytes)
                writer.Flush();
        }
        writer.WriteEndArray();
        writer.WritePropertyName("resources");
        JsonSerializer.Serialize(writer, resources, ReceiptJson.Default.ReceiptResources);
        if (bystanders is not null)
        {
            writer.WritePropertyName("bystanders");
            JsonSerializer.Serialize(writer, bystanders, ReceiptJson.Default.ReceiptBystanders);
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset time)
    {
        writer.WritePropertyName(name);
        Times.Write(writer, time, ReceiptJson.Default.Options);
    }
}
