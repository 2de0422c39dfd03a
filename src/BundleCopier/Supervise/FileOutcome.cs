using BundleCopier.Elf;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using FileStatus = BundleCopier.Receipt.FileStatus;

namespace BundleCopier.Supervise;

/// <summary>
/// What became of a file, in as little memory as will do: a bundle may have 100,000 of them. A file that was copied
/// whole, as nearly all are, takes 80 bytes and nothing besides; its entry in the receipt is only made while that is
/// written.
/// </summary>
internal readonly struct FileOutcome
{
    private readonly long sizeBytes;
    private readonly long dataBytes;
    private readonly long writtenBytes;
    private readonly ulong checksum;
    private readonly long modifiedSeconds;
    private readonly long changedSeconds;
    private readonly uint modifiedNanoseconds;
    private readonly uint changedNanoseconds;
    private readonly uint uid;
    private readonly uint gid;
    private readonly uint segmentsBlock;
    private readonly ushort mode;
    private readonly Traits traits;
    private readonly Rarities? rarities;

    /// <summary>A file that was never opened.</summary>
    public FileOutcome(Fault fault) => rarities = new Rarities(fault, null, null, MissingBytes: 0, Core: null);

    /// <summary>A file that was opened and has no output.</summary>
    public FileOutcome(OpenedSource source, bool isStable, Fault fault)
        : this(source, isStable) => rarities = new Rarities(
            fault, null, source.Xattrs, source.WantedDataBytes, ReceiptCoreOf(source));

    /// <summary>A file that was copied, in full or in part.</summary>
    /// <param name="copied">What was copied.</param>
    /// <param name="isStable">It is proven not to have changed.</param>
    /// <param name="hasChecksum">The bytes were hashed.</param>
    /// <param name="segmentsOffset">Where the hashes of its segments are stored; null where they are not.</param>
    /// <param name="lost">Why nothing in the output can be relied on; null otherwise.</param>
    public FileOutcome(FileSegments copied, bool isStable, bool hasChecksum, long? segmentsOffset, Fault? lost)
        : this(copied.Source, isStable)
    {
        Fault? fault = lost ?? copied.Saved.Fault;
        traits |= copied.Saved.ReadMode == ReadMode.Map ? Traits.IsMapped : 0;
        RangeSet? covered = null;
        if (lost is null && copied.HasContent)
        {
            covered = copied.Saved.Covered;
            dataBytes = copied.Saved.DataBytes;
            writtenBytes = copied.Saved.WrittenBytes;
            traits |= Traits.HasOutput;
            if (hasChecksum)
                (traits, checksum) = (traits | Traits.HasChecksum, copied.Saved.CompleteChecksum());
            if (segmentsOffset is { } offset)
                (traits, segmentsBlock) = (traits | Traits.HasSegments, (uint)(offset / Alignment.Bytes));
            if (covered.IsWhole(sizeBytes))
                covered = null;
        }

        ReceiptCore? core = ReceiptCoreOf(copied.Source);
        // What a core's process has is read only here.
        if (copied.Source.Stream is null && core is not null)
            core = core with { Whole = core.Whole && fault is null };
        if (fault is not null || covered is not null || copied.Source.Xattrs is not null || core is not null)
        {
            // Not more than the ranges that are missing: stat(2) tells how much data the file has, not where.
            long missingRangeBytes = Has(Traits.HasOutput)
                ? copied.Source.Ranges.TotalBytes - copied.Saved.Covered.TotalBytes
                : copied.Source.Ranges.TotalBytes;
            long missingBytes = Math.Clamp(copied.Source.WantedDataBytes - dataBytes, 0, missingRangeBytes);
            rarities = new Rarities(fault, covered, copied.Source.Xattrs, missingBytes, core);
        }
    }

    private FileOutcome(OpenedSource source, bool isStable)
    {
        const uint PermissionBits = 0xFFF;
        FileStat status = source.Status;
        (sizeBytes, mode, uid, gid) =
            (status.SizeBytes, (ushort)(status.Mode & PermissionBits), status.Uid, status.Gid);
        (modifiedSeconds, modifiedNanoseconds) = (status.ModifiedAt.Seconds, (uint)status.ModifiedAt.Nanoseconds);
        (changedSeconds, changedNanoseconds) = (status.ChangedAt.Seconds, (uint)status.ChangedAt.Nanoseconds);
        traits = Traits.WasOpened | (isStable ? Traits.IsStable : 0) | (source.IsCompressed ? Traits.IsCompressed : 0);
    }

    [Flags]
    private enum Traits : ushort
    {
        WasOpened = 1,
        HasOutput = 2,
        HasChecksum = 4,
        IsStable = 8,
        IsCompressed = 16,
        IsMapped = 32,
        HasSegments = 64,
    }

    public bool IsComplete => rarities?.Fault is null;

    /// <summary>It has an output in the bundle.</summary>
    public bool HasOutput => Has(Traits.HasOutput);

    /// <summary>Data of it that is in the bundle, in bytes.</summary>
    public long DataBytes => dataBytes;

    /// <summary>Why it is not complete; null when it is.</summary>
    public Fault? Fault => rarities?.Fault;

    /// <summary>Data that was wanted and is not saved, in bytes; 0 where the source was not opened.</summary>
    public long MissingBytes => rarities?.MissingBytes ?? 0;

    /// <summary>Its entry in the receipt.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="name">Its path below <c>files/</c>.</param>
    /// <param name="io">How outputs are written.</param>
    public ReceiptFile ToReceipt(string source, string name, OutputIo io) => new()
    {
        Source = source,
        Name = name,
        Output = Has(Traits.HasOutput)
            ? BundleNames.FilesPrefix + BundleNames.Output(name, Has(Traits.IsCompressed)) : null,
        Status = Status,
        SizeBytes = sizeBytes,
        DataBytes = dataBytes,
        WrittenBytes = writtenBytes,
        Ranges = Ranges,
        Compression = Has(Traits.HasOutput | Traits.IsCompressed) ? OutputCompression.Lz4 : OutputCompression.None,
        Checksum = Has(Traits.HasChecksum) ? FileChecksum.Format(checksum) : null,
        SegmentChecksumsOffset = Has(Traits.HasSegments) ? segmentsBlock * (long)Alignment.Bytes : null,
        Io = Has(Traits.HasOutput) ? io : null,
        ReadMode = Has(Traits.HasOutput) ? Has(Traits.IsMapped) ? ReadMode.Map : ReadMode.Slab : null,
        Stable = Has(Traits.IsStable),
        SourceMetadata = Has(Traits.WasOpened) ? Metadata : null,
        Core = rarities?.Core,
        Error = rarities?.Fault is { } fault ? new ReceiptError(fault.Code, fault.Message) : null,
    };

    private FileStatus Status => (rarities?.Fault, Has(Traits.HasOutput)) switch
    {
        (null, _) => FileStatus.Copied,
        (_, true) => FileStatus.Partial,
        ({ IsStop: true }, _) => FileStatus.Skipped,
        _ => FileStatus.Failed,
    };

    private ByteRange[] Ranges => !Has(Traits.HasOutput) ? []
        : rarities?.Covered is { } covered
            ? Array.ConvertAll(covered.AsSpan().ToArray(), static r => new ByteRange(r.Offset, r.Length))
        : sizeBytes == 0 ? []
        : [new ByteRange(0, sizeBytes)];

    private SourceMetadata Metadata => new()
    {
        Mode = mode,
        Uid = uid,
        Gid = gid,
        ModifiedAt = new Timestamp(modifiedSeconds, modifiedNanoseconds).ToUtc(),
        ModifiedNs = (int)modifiedNanoseconds,
        ChangedAt = new Timestamp(changedSeconds, changedNanoseconds).ToUtc(),
        Xattrs = rarities?.Xattrs?.Values,
        XattrsOmitted = rarities?.Xattrs?.Omitted,
    };

    // What the caller knows comes first: the core counts processes as their PID namespace does.
    private static ReceiptCore? ReceiptCoreOf(OpenedSource source)
    {
        if (source.Planned.Stream?.Core is not { } known)
            return null;
        CoreVerdict? found = source.Core;
        string executable = Printable.Of(known.Executable ?? found?.Command ?? "");
        if (executable.Length > BundleLimits.MaxExecutableLength)
            executable = Printable.Shortened(executable);
        return new ReceiptCore(
            found?.IsWhole ?? false,
            found?.ExpectedBytes,
            known.Signal ?? found?.Signal,
            known.Pid ?? found?.Pid,
            executable.Length == 0 ? null : executable);
    }

    private bool Has(Traits wanted) => (traits & wanted) == wanted;

    /// <summary>What most files do not have.</summary>
    /// <param name="Fault">What went wrong.</param>
    /// <param name="Covered">What is in the output, where that is not the whole file.</param>
    /// <param name="Xattrs">The source's extended attributes.</param>
    /// <param name="MissingBytes">Data that was wanted and is not saved.</param>
    /// <param name="Core">What the headers of a core say.</param>
    private sealed record Rarities(
        Fault? Fault, RangeSet? Covered, SourceXattrs? Xattrs, long MissingBytes, ReceiptCore? Core);
}
