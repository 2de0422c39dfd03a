using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// The names of an entry in a receipt. Where one of them has bytes that are not UTF-8, all of them are written in their
/// escaped spelling, and the entry says so (docs/format.md). Other entries are written as they are.
/// </summary>
internal static class EscapedNames
{
    /// <summary>Whether the names of an entry must be escaped.</summary>
    public static bool AreNeeded(ReceiptFile file) =>
        NameBytes.HasRaw(file.Source)
        || NameBytes.HasRaw(file.Name)
        || (file.SourceMetadata is { } metadata && HaveRaw(metadata));

    /// <summary>The names as they are written.</summary>
    public static OmittedXattrs Of(OmittedXattrs omitted) =>
        omitted with { Names = [.. omitted.Names.Select(NameEscape.Of)] };

    /// <summary>
    /// The entry with its names as they are, from one that was read; or the field that has no escaped spelling.
    /// </summary>
    public static Result<ReceiptFile, string> Reverse(ReceiptFile file)
    {
        if (NameEscape.Reverse(file.Source) is not { } source)
            return Result<ReceiptFile, string>.Failed("source");
        if (NameEscape.Reverse(file.Name) is not { } name)
            return Result<ReceiptFile, string>.Failed("name");
        string? output = file.Output is null ? null : NameEscape.Reverse(file.Output);
        if (output is null && file.Output is not null)
            return Result<ReceiptFile, string>.Failed("output");
        SourceMetadata? metadata = null;
        if (file.SourceMetadata is not null && !Reverse(file.SourceMetadata).Try(out metadata, out string? field))
            return Result<ReceiptFile, string>.Failed($"sourceMetadata.{field}");
        return file with
        {
            Source = source,
            Name = name,
            Output = output,
            SourceMetadata = metadata,
            Escaped = null,
        };
    }

    private static Result<SourceMetadata, string> Reverse(SourceMetadata metadata)
    {
        Dictionary<string, ReadOnlyMemory<byte>>? xattrs = metadata.Xattrs is null ? null : [];
        foreach ((string escaped, ReadOnlyMemory<byte> value) in metadata.Xattrs?.AsEnumerable() ?? [])
        {
            if (NameEscape.Reverse(escaped) is not { } name || !xattrs!.TryAdd(name, value))
                return Result<SourceMetadata, string>.Failed("xattrs");
        }

        string?[]? omitted = metadata.XattrsOmitted?.Names
            .Select(static name => name is null ? null : NameEscape.Reverse(name)).ToArray();
        if (omitted?.Contains(null) == true)
            return Result<SourceMetadata, string>.Failed("xattrsOmitted.names");
        return metadata with
        {
            Xattrs = xattrs,
            XattrsOmitted = omitted is null ? null : metadata.XattrsOmitted! with { Names = omitted! },
        };
    }

    private static bool HaveRaw(SourceMetadata metadata) =>
        metadata.Xattrs?.Keys.Any(NameBytes.HasRaw) == true
        || metadata.XattrsOmitted?.Names.Any(NameBytes.HasRaw) == true;
}
