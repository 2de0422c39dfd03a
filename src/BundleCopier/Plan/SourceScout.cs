using BundleCopier.Elf;
using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>What the last look at a source found.</summary>
/// <param name="IsStable">True when it is certain that the source did not change since it was opened.</param>
/// <param name="Fault">Set when the source has grown; otherwise null.</param>
internal readonly record struct SourceEnd(bool IsStable, Fault? Fault);

/// <summary>
/// Opens sources, finds their data, and looks at them once more at the end. It owns every descriptor from opening to
/// release. While a call hangs, another thread goes on with other sources. Synchronous and without actors.
/// </summary>
/// <param name="kernel">The system that the sources are on.</param>
/// <param name="settings">The settings of the copy.</param>
/// <param name="hung">The filesystems that do not answer; null for none.</param>
internal sealed class SourceScout(IKernel kernel, CopySettings settings, HungSources? hung = null) : IDisposable
{
    // One plan is one message. 64 MiB of work is far more than what is in flight.
    private const int SegmentsPerPlan = 64;

    // Before Linux 6.13, file times have steps of up to 10 ms (HZ=100). Two changes within one step give the same time.
    private static readonly TimeSpan CoarseClock = TimeSpan.FromMilliseconds(20);

    private const uint OwnerMode = 0x8180; // a regular file, 0600

    // The sources and their paths; not the records, because a stream gets another one when its size is known.
    private readonly Dictionary<ISourceFile, string> open = new(ReferenceEqualityComparer.Instance);
    private readonly Lock gate = new();
    private XattrBudget xattrs = new(files: 1);

    /// <summary>The processes whose memory is copied. They are held until this is disposed.</summary>
    public ProcessTable Processes { get; } = new(kernel);

    /// <summary>Tells how many files share the receipt.</summary>
    public void Expect(int files) => xattrs = new XattrBudget(files);

    /// <summary>
    /// How much data each source has, in bytes, as far as stat(2) tells. What cannot be opened counts for nothing.
    /// </summary>
    public long[] DataBytes(SourceListing listing, Action<string>? asking = null)
    {
        long sum = 0;
        long[] all = new long[listing.Count];
        for (int i = 0; i < listing.Count; i++)
        {
            if (hung?.StopCause is not null)
                break;
            if (listing[i] is not { Fault: null, File: { Stream: null } file }
                || hung?.FaultOf(file.Source) is not null)
            {
                continue;
            }

            asking?.Invoke(file.Source);
            if (!OpenFile(file).Try(out ISourceFile? source, out _))
                continue;
            using (source)
            {
                FileStat status = source.Found;
                long dataBytes = status.DataBytesIn(file.RangesIn(status.SizeBytes));
                all[i] = Math.Min(dataBytes, SegmentGrid.MaxFileBytes - sum);
                sum += all[i];
            }
        }

        return all;
    }

    /// <summary>Opens a source.</summary>
    /// <param name="file">What the manifest asks for.</param>
    /// <param name="omitsXattrs">The receipt has no room for extended attributes.</param>
    /// <param name="mustShrink">Compress it where the settings would store it raw; a wish of the manifest counts more.
    /// </param>
    public Result<OpenedSource, Fault> Open(PlannedFile file, bool omitsXattrs = false, bool mustShrink = false)
    {
        if (file.Stream is not null)
            return OpenStream(file, file.Stream);
        if (!OpenFile(file).Try(out ISourceFile? source, out Fault? unopened))
            return unopened;

        // The status was read before this check, so a program that writes after the check changes the ctime.
        FileStat status = source.Found;
        if (file.Trust?.FaultOf(status) is { } untrusted)
        {
            source.Dispose();
            return untrusted;
        }

        if (status.SizeBytes > SegmentGrid.MaxFileBytes)
        {
            source.Dispose();
            return Fault.Of(FaultKind.SourceTooLarge);
        }

        bool wasQuiet = source.IsQuiet() && kernel.UtcNow - status.ChangedAt.ToUtc() > CoarseClock;
        RangeSet ranges = file.RangesIn(status.SizeBytes);
        long dataBytes = status.DataBytesIn(ranges);
        Compression compression = ChooseCompression(
            mustShrink ? ShrinkingWish(file, dataBytes) : file.Compression ?? settings.Compression,
            status.SizeBytes,
            dataBytes);
        // Only mapping tmpfs does not grow the page cache, and a mapping can be written only in whole blocks.
        bool canMap = compression == Compression.None
            && source.Traits.IsShared
            && ranges.IsBlockAligned(status.SizeBytes);
        ReadMode mode = canMap && Maps(source.Traits) ? ReadMode.Map : ReadMode.Slab;
        OpenedSource opened = new(
            file, source, status, ranges, mode, wasQuiet,
            omitsXattrs ? XattrBudget.Omit(source) : xattrs.Read(source), compression);
        lock (gate)
            open.Add(source, file.Source);
        return opened;
    }

    private Result<OpenedSource, Fault> OpenStream(PlannedFile file, StreamSource stream)
    {
        if (!kernel.OpenStream(stream.Descriptor).Try(out ISourceFile? source, out Errno error))
        {
            return error.Code == KernelErrors.NotRegular
                ? new Fault(FaultKind.NotStream, error)
                : new Fault(FaultKind.SourceUnreadable, error);
        }

        if (settings.ReaderCore == CoreReader.Memory && stream.Core?.Pid is { } pid)
            source = OfMemory(source, pid);
        bool isStream = source.Traits.IsStream;
        // A pipe has an owner and times of its own, which say nothing of what comes through it.
        Timestamp now = new(kernel.UtcNow.ToUnixTimeSeconds(), 0);
        FileStat status = source.Found with
        {
            SizeBytes = isStream ? SegmentGrid.MaxFileBytes : source.Found.SizeBytes,
            AllocatedBytes = isStream ? 0 : source.Found.AllocatedBytes,
            Mode = OwnerMode,
            Uid = stream.Core?.Uid ?? source.Found.Uid,
            Gid = stream.Core?.Gid ?? source.Found.Gid,
            ModifiedAt = now,
            ChangedAt = now,
        };
        Compression wish = file.Compression ?? settings.Compression;
        OpenedSource opened = new(
            file, source, status, RangeSet.Whole(status.SizeBytes), ReadMode.Slab, WasQuiet: false, Xattrs: null,
            isStream ? wish : ChooseCompression(wish, status.SizeBytes, status.AllocatedBytes))
        {
            Stream = isStream
                ? new StreamState(settings.StallTimeout, stream.Core is null ? null : new CoreJudge())
                : null,
            Core = (source as CoreMemory)?.Verdict,
        };
        lock (gate)
            open.Add(source, file.Source);
        return opened;
    }

    /// <summary>The same core, read from the memory of its process where that is possible.</summary>
    private ISourceFile OfMemory(ISourceFile stream, int pid)
    {
        if (!Processes.Get(pid).Try(out IProcess? process, out _)
            || !process.IsDumping
            || !process.OpenMemory().Try(out IProcessMemory? memory, out _))
        {
            return stream;
        }

        CoreStart start = CoreStart.Read(stream);
        CoreLayout? layout = start.IsHead
            ? CoreLayout.Read([.. start.Bytes], (from, to) => Processes.Holds(pid, from, to))
            : null;
        if (layout is not null && CoreMemory.Open(stream, memory, layout) is { } opened)
            return opened;
        memory.Dispose();
        return new StartedStream(stream, start.Bytes);
    }

    // A stream takes whole blocks and has a seek table, so a file of two blocks cannot become smaller.
    private Compression ShrinkingWish(PlannedFile file, long dataBytes) =>
        file.Compression == Compression.None || dataBytes <= 2 * Alignment.Bytes
            ? file.Compression ?? settings.Compression
            : Compression.Lz4;

    /// <summary>
    /// Bytes that are hashed or searched for zeros must be read anyway, so they go through a slab. Other bytes go by
    /// mapping when the source is in huge pages: the mapping is then written in large pieces and costs a third less
    /// CPU. From scattered small pages a slab is 1.5 times as fast (docs/decisions).
    /// </summary>
    private bool Maps(FileTraits traits) => settings.ReaderMode == ReadMode.Map
        || (settings is { ReaderMode: null, Checksum: false, ZeroDetection: false } && traits.IsHugePageBacked);

    /// <summary>Finds the next segments with data.</summary>
    public static SegmentPlan Plan(OpenedSource file, long position)
    {
        if (file.Stream is not null)
            return PlanStream(position);
        if (position == 0 && file.IsSmallAndFull)
            return new SegmentPlan([0], file.Status.SizeBytes, IsLast: true, null);
        Span<long> room = stackalloc long[SegmentsPerPlan];
        IoResult found = ExtentWalk.NextSegments(file.Source, file.Ranges, ref position, room);
        long[] segments = room[..(int)found.Value].ToArray();
        if (!found.IsOk)
        {
            Fault fault = new(FaultKind.ReadFailed, found.Error, $"at offset {position}");
            return new SegmentPlan(segments, position, IsLast: true, fault);
        }

        return segments.Length == room.Length
            ? new SegmentPlan(segments, position, IsLast: false, null)
            : EndPlan(file, segments, position);
    }

    // Which segments a stream has shows only at its end.
    private static SegmentPlan PlanStream(long position)
    {
        long first = SegmentGrid.IndexOf(position);
        long[] segments = [.. Enumerable.Range(0, SegmentsPerPlan).Select(i => first + i)];
        return new SegmentPlan(
            segments, SegmentGrid.StartOfSegment(first + segments.Length), IsLast: false, null);
    }

    /// <summary>Looks at a source once more and closes it.</summary>
    public SourceEnd Release(OpenedSource file)
    {
        if (!Forget(file))
            throw new InvalidOperationException($"{file.Planned.Source} was released twice.");
        if (file.Planned.Stream is not null)
        {
            // What was read cannot change any more, nor can a process that is being dumped.
            file.Source.Dispose();
            return new SourceEnd(IsStable: true, null);
        }

        // The status is read after this check: otherwise a write between the two would show in neither.
        bool isQuiet = file.WasQuiet && file.Source.IsQuietUntilClosed();
        IoResult result = file.Source.Status(out FileStat now);
        bool isStable = result.IsOk
            && isQuiet
            && now.SizeBytes == file.Status.SizeBytes
            && now.ModifiedAt == file.Status.ModifiedAt
            && now.ChangedAt == file.Status.ChangedAt;
        file.Source.Dispose();
        bool hasGrown = result.IsOk && now.SizeBytes > file.Status.SizeBytes;
        return new SourceEnd(isStable, hasGrown
            ? Fault.Of(FaultKind.SourceGrew, $"from {file.Status.SizeBytes} to {now.SizeBytes} bytes")
            : null);
    }

    /// <summary>Closes a source that is not wanted any more.</summary>
    public void Drop(OpenedSource file)
    {
        if (Forget(file))
            Leave(file.Planned.Source, file.Source);
    }

    /// <summary>Closes all open sources.</summary>
    public void Dispose()
    {
        KeyValuePair<ISourceFile, string>[] all;
        lock (gate)
        {
            all = [.. open];
            open.Clear();
        }

        foreach ((ISourceFile source, string path) in all)
            Leave(path, source);
        Processes.Dispose();
        kernel.Rest();
    }

    private void Leave(string path, ISourceFile source)
    {
        if (hung is null)
            source.Dispose();
        else
            hung.Leave(path, source);
    }

    public static Fault OpenFault(Errno error)
    {
        if (error.Code == KernelErrors.NotRegular)
            return new Fault(FaultKind.SourceNotRegular, error);
        if (error.Code == ENOENT || error.Code == ENOTDIR)
            return new Fault(FaultKind.SourceMissing, error);
        return new Fault(error.Code == ELOOP ? FaultKind.SourceLinked : FaultKind.SourceUnreadable, error);
    }

    private Result<ISourceFile, Fault> OpenFile(PlannedFile file)
    {
        if (file.Memory is not null)
            return file.Memory.Open(kernel);
        return kernel.OpenSource(file.Source).Try(out ISourceFile? source, out Errno error)
            ? Result<ISourceFile, Fault>.Ok(source)
            : OpenFault(error);
    }

    private bool Forget(OpenedSource file)
    {
        lock (gate)
            return open.Remove(file.Source);
    }

    /// <summary>No more data was found: the rest is a hole, or the file has become shorter.</summary>
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
        Fault shrank = Fault.Of(FaultKind.SourceShrank, $"it ended at {now.SizeBytes}");
        return new SegmentPlan(segments, Math.Max(position, now.SizeBytes), IsLast: true, shrank);
    }

    /// <summary>
    /// An LZ4 stream stores holes too: 4 MiB of zeros take 20 KiB. A file whose holes would take more space than its
    /// data is smaller when it is stored raw. So is a file that fits into a block or two. The format has no seek table
    /// for a file of more than 170 TiB, so it is stored raw as well.
    /// </summary>
    /// <param name="wish">What the manifest or the settings ask for.</param>
    /// <param name="sizeBytes">The size of the source.</param>
    /// <param name="dataBytes">How much of the wanted bytes is data.</param>
    internal static Compression ChooseCompression(Compression wish, long sizeBytes, long dataBytes)
    {
        const long MaxHoleCostBytes = 16 << 20;
        long holeCostBytes = ZeroFrame.SpaceOf(sizeBytes - dataBytes);
        bool isVerySparse = holeCostBytes > Math.Max(MaxHoleCostBytes, dataBytes);
        bool isTooLarge = sizeBytes > FrameFormat.MaxTableContentBytes;
        bool isSmall = sizeBytes == 0 || (wish == Compression.Auto && dataBytes < OpenedSource.SmallFileBytes);
        return isVerySparse || isTooLarge || isSmall ? Compression.None : wish;
    }
}
