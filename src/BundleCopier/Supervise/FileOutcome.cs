using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Write;
using FileStatus = BundleCopier.Receipt.FileStatus;

namespace BundleCopier.Supervise;

/// <summary>
/// What became of a file, in as little memory as will do: a bundle may have 100,000 of them, and their entries in the
/// receipt are only made while it is written.
/// </summary>
internal sealed class FileOutcome
{
    private const uint PermissionBits = 0xFFF;

    private readonly PlannedFile planned;
    private readonly Fault? fault;
    private readonly bool wasOpened;
    private readonly long sizeBytes;
    private readonly long dataBytes;
    private readonly long writtenBytes;
    private readonly ulong? checksum;
    private readonly RangeSet? covered;
    private readonly Travel travel;
    private readonly bool isPacked;
    private readonly bool isStable;
    private readonly uint mode;
    private readonly uint uid;
    private readonly uint gid;
    private readonly Timestamp modifiedAt;
    private readonly Timestamp changedAt;
    private readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? xattrs;

    /// <summary>A file that was never opened.</summary>
    public FileOutcome(PlannedFile planned, Fault fault)
    {
        this.planned = planned;
        this.fault = fault;
    }

    public FileOutcome(FileRecord file, OpenedSource source, bool hasChecksum)
    {
        planned = file.Planned;
        fault = file.Fault;
        wasOpened = true;
        dataBytes = file.DataBytes;
        isStable = file.IsStable;
        travel = file.Travel;
        isPacked = source.IsPacked;
        xattrs = source.Xattrs;
        FileStat status = source.Status;
        (sizeBytes, mode, uid, gid) = (status.SizeBytes, status.Mode, status.Uid, status.Gid);
        (modifiedAt, changedAt) = (status.ModifiedAt, status.ChangedAt);
        if (!file.HasOutput)
            return;
        covered = file.Covered;
        writtenBytes = file.WrittenBytes;
        checksum = hasChecksum ? file.CompleteChecksum() : null;
    }

    public bool IsComplete => fault is null;

    public ReceiptFile ToReceipt(OutputIo io) => new()
    {
        Source = planned.Source,
        Name = planned.Name,
        Output = covered is null ? null : $"{BundleDirectory.FilesName}/{OutputKeeper.OutputName(planned.Name, isPacked)}",
        Status = Status,
        SizeBytes = sizeBytes,
        DataBytes = dataBytes,
        WrittenBytes = writtenBytes,
        Ranges = covered is null ? [] : ToByteRanges(covered),
        Compression = covered is not null && isPacked ? OutputCompression.Lz4 : OutputCompression.None,
        Checksum = checksum is { } value ? FileChecksum.Format(value) : null,
        Io = covered is null ? null : io,
        Travel = covered is null ? null : travel,
        Stable = isStable,
        SourceMetadata = wasOpened ? Metadata : null,
        Error = fault is null ? null : new ReceiptError(fault.Code, fault.Message),
    };

    private FileStatus Status => (fault, covered) switch
    {
        (null, _) => FileStatus.Copied,
        (_, not null) => FileStatus.Partial,
        ({ Kind: FaultKind.Cancelled }, _) => FileStatus.Skipped,
        _ => FileStatus.Failed,
    };

    private SourceMetadata Metadata => new()
    {
        Mode = (int)(mode & PermissionBits),
        Uid = uid,
        Gid = gid,
        ModifiedAt = modifiedAt.ToUtc(),
        ChangedAt = changedAt.ToUtc(),
        Xattrs = xattrs,
    };

    private static ByteRange[] ToByteRanges(RangeSet ranges)
    {
        ByteRange[] result = new ByteRange[ranges.AsSpan().Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = new ByteRange(ranges.AsSpan()[i].Offset, ranges.AsSpan()[i].Length);
        return result;
    }
}
