using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Write;
using FileStatus = BundleCopier.Receipt.FileStatus;

namespace BundleCopier.Supervise;

/// <summary>Turns what is known of a file into its entry in the receipt.</summary>
internal static class ReceiptEntries
{
    public static ReceiptFile Of(FileRecord file, OutputIo io, bool hasChecksum)
    {
        bool hasOutput = file.HasOutput;
        return new ReceiptFile
        {
            Source = file.Planned.Source,
            Name = file.Planned.Name,
            Output = hasOutput ? $"{BundleDirectory.FilesName}/{file.Planned.Name}" : null,
            Status = StatusOf(file),
            SizeBytes = file.Source?.Status.SizeBytes ?? 0,
            DataBytes = file.DataBytes,
            WrittenBytes = hasOutput ? file.WrittenBytes : 0,
            Ranges = hasOutput ? ToRanges(file.Covered) : [],
            Compression = OutputCompression.None,
            Checksum = hasOutput && hasChecksum ? file.CompleteChecksum() : null,
            Io = hasOutput ? io : null,
            Travel = hasOutput ? file.Source!.Travel : null,
            Stable = file.IsStable,
            SourceMetadata = file.Metadata,
            Error = file.Fault is null ? null : new ReceiptError(file.Fault.Code, file.Fault.Message),
        };
    }

    public static SourceMetadata MetadataOf(ISourceFile source, in FileStat status)
    {
        const uint PermissionBits = 0xFFF;
        IReadOnlyDictionary<string, byte[]> attributes = source.ExtendedAttributes();
        return new SourceMetadata
        {
            Mode = (int)(status.Mode & PermissionBits),
            Uid = status.Uid,
            Gid = status.Gid,
            ModifiedAt = status.ModifiedAt.ToUtc(),
            ChangedAt = status.ChangedAt.ToUtc(),
            Xattrs = attributes.Count == 0 ? null : attributes.ToDictionary(a => a.Key, a => (ReadOnlyMemory<byte>)a.Value),
        };
    }

    private static FileStatus StatusOf(FileRecord file) => file switch
    {
        { Fault: null } => FileStatus.Copied,
        { HasOutput: true } => FileStatus.Partial,
        { Fault.Kind: FaultKind.Cancelled } => FileStatus.Skipped,
        _ => FileStatus.Failed,
    };

    private static ByteRange[] ToRanges(RangeSet ranges)
    {
        ByteRange[] result = new ByteRange[ranges.AsSpan().Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = new ByteRange(ranges.AsSpan()[i].Offset, ranges.AsSpan()[i].Length);
        return result;
    }
}
