using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// Opens sources, finds their data, and looks at them once more at the end. Synchronous and without actors. Owns every
/// descriptor from opening to release.
/// </summary>
internal sealed class SourceScout(IKernel kernel, CopySettings settings) : IDisposable
{
    // One plan is one message; 64 MiB of work is far more than is ever in flight.
    private const int SegmentsPerPlan = 64;

    // File times move in ticks of up to 10 ms (HZ=100) on kernels before 6.13: a change in the tick of the last one
    // would not show.
    private static readonly TimeSpan CoarseClock = TimeSpan.FromMilliseconds(20);

    // The hash of a record is that of all its members.
    private readonly HashSet<OpenedSource> open = new(ReferenceEqualityComparer.Instance);

    public OpenedSource? Open(PlannedFile file, out Fault? fault)
    {
        fault = null;
        if (!kernel.OpenSource(file.Source).Try(out ISourceFile? source, out Errno error))
        {
            fault = OpenFault(error);
            return null;
        }

        // In this order: a writer who comes after the kernel vouched for quiet moves the ctime away from what was
        // read here.
        FileStat status = source.Found;
        bool wasQuiet = source.IsQuiet() && kernel.UtcNow - status.ChangedAt.ToUtc() > CoarseClock;
        RangeSet ranges = file.Ranges is null ? RangeSet.Whole(status.SizeBytes)
            : RangeSet.Of(file.Ranges, status.SizeBytes);
        Compression compression = ChooseCompression(file, ranges, status);
        // Only tmpfs costs no page cache when it is mapped, and a mapping goes out in whole blocks.
        bool canMap = compression == Compression.None && source.Traits.IsShared
            && ranges.IsBlockAligned(status.SizeBytes);
        ReadMode mode = canMap && Maps(source.Traits) ? ReadMode.Map : ReadMode.Slab;
        OpenedSource opened =
            new(file, source, status, ranges, mode, wasQuiet, source.ExtendedAttributes(), compression);
        open.Add(opened);
        return opened;
    }

    /// <summary>
    /// Bytes that are hashed or searched for zeros have to be read, and are cheapest on their way through a slab.
    /// Other bytes go by mapping where the source lies in huge pages: the mapping goes out in large pieces there, at
    /// a third less CPU. From scattered small pages a slab is half again as fast (docs/decisions).
    /// </summary>
    private bool Maps(FileTraits traits) => settings.ReaderMode == ReadMode.Map
        || (settings is { ReaderMode: null, Checksum: false, ZeroDetection: false } && traits.IsHugePageBacked);

    /// <summary>The next segments that hold data.</summary>
    public static SegmentPlan Plan(OpenedSource file, long position)
    {
        if (position == 0 && file.IsSmallAndFull)
            return new SegmentPlan([0], file.Status.SizeBytes, IsLast: true, null);
        Span<long> room = stackalloc long[SegmentsPerPlan];
        int count = ExtentWalk.NextSegments(file.Source, file.Ranges, ref position, room, out Errno error);
        long[] segments = room[..count].ToArray();
        if (error.IsError)
            return new SegmentPlan(
                segments, position, IsLast: true, new Fault(FaultKind.ReadFailed, error, $"at offset {position}"));
        if (count == room.Length)
            return new SegmentPlan(segments, position, IsLast: false, null);
        return EndPlan(file, segments, position);
    }

    /// <summary>Closes a source.</summary>
    /// <returns>Whether it is proven not to have changed since it was opened; a fault when it has grown.</returns>
    public bool Release(OpenedSource file, out Fault? fault)
    {
        fault = null;
        // In this order: whoever could still write and has not yet would show in neither.
        bool isQuiet = file.WasQuiet && file.Source.IsQuietUntilClosed();
        IoResult result = file.Source.Status(out FileStat now);
        bool isStable = result.IsOk
            && isQuiet
            && now.SizeBytes == file.Status.SizeBytes
            && now.ModifiedAt == file.Status.ModifiedAt
            && now.ChangedAt == file.Status.ChangedAt;
        if (result.IsOk && now.SizeBytes > file.Status.SizeBytes)
            fault = Fault.Of(FaultKind.SourceGrew, $"from {file.Status.SizeBytes} to {now.SizeBytes} bytes");
        Close(file);
        return isStable;
    }

    /// <summary>Closes what is still open.</summary>
    public void Dispose()
    {
        foreach (OpenedSource file in open)
            file.Source.Dispose();
        open.Clear();
        kernel.Rest();
    }

    public static Fault OpenFault(Errno error)
    {
        if (error.Code == KernelErrors.NotRegular)
            return new Fault(FaultKind.SourceNotRegular, error);
        if (error.Code == ENOENT || error.Code == ENOTDIR)
            return new Fault(FaultKind.SourceMissing, error);
        return new Fault(error.Code == ELOOP ? FaultKind.SourceLinked : FaultKind.SourceUnreadable, error);
    }

    private void Close(OpenedSource file)
    {
        if (!open.Remove(file))
            throw new InvalidOperationException($"{file.Planned.Source} was released twice.");
        file.Source.Dispose();
    }

    /// <summary>No more data was found: a hole to the end, or a file that is shorter by now.</summary>
    private static SegmentPlan EndPlan(OpenedSource file, long[] segments, long position)
    {
        long size = file.Status.SizeBytes;
        if (file.Ranges.From(position) is null)
            return new SegmentPlan(segments, size, IsLast: true, null);
        IoResult result = file.Source.Status(out FileStat now);
        if (!result.IsOk)
            return new SegmentPlan(segments, position, IsLast: true, new Fault(FaultKind.ReadFailed, result.Error));
        if (now.SizeBytes >= size)
            return new SegmentPlan(segments, size, IsLast: true, null);
        return new SegmentPlan(
            segments, Math.Max(position, now.SizeBytes), IsLast: true, Fault.Of(
                FaultKind.SourceShrank, $"it ended at {now.SizeBytes}"));
    }

    /// <summary>
    /// An LZ4 stream cannot leave a hole out: 4 MiB of zeros take 20 KiB of it. A file whose holes would take more
    /// than its data does is smaller, and as easily restored, as it is; so is a file that fits into a block or two.
    /// </summary>
    private Compression ChooseCompression(PlannedFile file, RangeSet ranges, in FileStat status)
    {
        const long MaxHoleCostBytes = 16 << 20;
        Compression wish = file.Compression ?? settings.Compression;
        long dataBytes = Math.Min(status.AllocatedBytes, ranges.TotalBytes);
        long holeCostBytes = (status.SizeBytes - dataBytes) / 204;
        bool isVerySparse = holeCostBytes > Math.Max(MaxHoleCostBytes, dataBytes);
        bool isSmall = status.SizeBytes == 0 || (wish == Compression.Auto && dataBytes < OpenedSource.SmallFileBytes);
        return isVerySparse || isSmall ? Compression.None : wish;
    }
}
