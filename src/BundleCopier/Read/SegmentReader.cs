using System.Runtime.InteropServices;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Read;

/// <summary>
/// Puts one segment of a source into a lease: into the slab by pread, or as a mapped window that only the kernel will
/// touch. Synchronous and without actors; one reader a thread.
/// </summary>
/// <param name="options">What is looked for in what was read.</param>
/// <param name="betweenPieces">Called where somebody else may have a moment of the thread; null for nobody.</param>
internal sealed class SegmentReader(CopyOptions options, Action? betweenPieces = null)
{
    // A piece is hashed right after it was read, while it is in the L2 cache (256 KiB of 1 MiB on the machines measured).
    private const int PieceBytes = 256 * 1024;

    private readonly SegmentInspector inspector = new();

    // What the walk through this file knew last; see KnownData.
    private ISourceFile? knownFile;
    private Extent knownData;

    /// <summary>
    /// Fills the lease with one segment. On return its runs say what is to be written and its digest is set where somebody
    /// asked for one. A source that ends early or cannot be read gives a fault, and what came before it is valid.
    /// </summary>
    public SegmentOutcome Fill(OpenedSource file, long segment, ReadMode travel, Lease lease)
    {
        lease.Empty();
        if (!ReferenceEquals(knownFile, file.Source))
            (knownFile, knownData) = (file.Source, default);
        long start = segment * SegmentGrid.SegmentBytes;
        long end = Math.Min(start + SegmentGrid.SegmentBytes, file.Status.SizeBytes);
        return travel == ReadMode.Map ? Map(file, start, end, lease) : Read(file, start, end, lease);
    }

    private SegmentOutcome Read(OpenedSource file, long start, long end, Lease lease)
    {
        // A segment whose pages are all there is not walked: finding the end of the data takes a tenth of the time that reading it does.
        bool isPopulated = file.IsSmallAndFull || file.Source.IsPopulated(start, end - start);
        if (isPopulated)
            knownData = Extent.Between(start, end);
        SegmentOutcome outcome = ReadData(file, start, end, lease);
        // Pages that were reserved and never written (fallocate(2)) are there, too, and are holes. They are full of zeros. Where zeros become
        // holes anyway, nobody has to know.
        if (!isPopulated || options.ZeroDetection || !HasEmptyBlock(lease) || IsAllData(file, start, end))
            return outcome;
        lease.Empty();
        return ReadData(file, start, end, lease);
    }

    private SegmentOutcome ReadData(OpenedSource file, long start, long end, Lease lease)
    {
        inspector.Begin();
        Fault? fault = null;
        int dataBytes = 0;
        long at = start;
        while (fault is null && at < end)
        {
            Extent? next = file.Known.Next(file, at, end, ref knownData, out Errno error);
            if (error.IsError)
                fault = new Fault(FaultKind.ReadFailed, error, $"at offset {at}");
            if (next is not { } extent)
                break;
            at = ReadExtent(file, extent, start, lease, out fault);
            dataBytes += (int)(Math.Min(at, extent.End) - extent.Offset);
            // The last block may hold the start of further ranges, which were read with it.
            if (at > extent.End)
                dataBytes += (int)file.Ranges.BytesWithin(extent.End, at);
        }

        if (options.Inspects)
        {
            ulong? digest = inspector.End();
            lease.Digest = options.Checksum ? digest : null;
            if (options.ZeroDetection)
                CopyRuns(inspector.Found, lease.Runs);
        }

        if (fault is null)
            fault = FindShrinkage(file, ref at, end);
        return new SegmentOutcome((int)(fault is null ? end - start : at - start), dataBytes, fault);
    }

    // The first word of a block tells enough: whoever asks goes on to ask the file.
    private static bool HasEmptyBlock(Lease lease)
    {
        foreach (Run run in lease.Runs.AsSpan())
        {
            for (int at = run.Offset; at < run.Offset + run.Length; at += Alignment.Bytes)
            {
                if (MemoryMarshal.Read<ulong>(lease.Slab[at..]) == 0)
                    return true;
            }
        }

        return false;
    }

    private bool IsAllData(OpenedSource file, long start, long end)
    {
        knownData = default;
        _ = file.Known.Next(file, start, end, ref knownData, out _);
        return knownData.Offset <= start && knownData.End >= end;
    }

    /// <summary>
    /// Reads the blocks of a stretch of data piece by piece. Returns how far it got: the end of the last block, where all
    /// went well, because a later extent in that same block has been read with it.
    /// </summary>
    private long ReadExtent(OpenedSource file, Extent extent, long segmentStart, Lease lease, out Fault? fault)
    {
        fault = null;
        long blocksEnd = Math.Min(Alignment.Up(extent.End), segmentStart + SegmentGrid.SegmentBytes);
        long at = Alignment.Down(extent.Offset);
        while (at < blocksEnd && fault is null)
        {
            long pieceEnd = Math.Min(at + PieceBytes, blocksEnd);
            long wantedEnd = Math.Min(pieceEnd, file.Status.SizeBytes);
            int offset = (int)(at - segmentStart);
            long gotEnd = ReadPiece(file.Source, lease.Address + offset, at, wantedEnd, out fault);
            Span<byte> piece = lease.Slab[offset..(int)(pieceEnd - segmentStart)];
            // What lies behind the end of the file, or between wanted ranges, is zero in the bundle.
            piece[(int)(gotEnd - at)..].Clear();
            if (!file.Ranges.IsBlockAligned(file.Status.SizeBytes))
                file.Ranges.ClearOutside(piece, at);
            if (gotEnd > at)
                Take(lease, offset, (int)(Alignment.Up(gotEnd) - at));
            betweenPieces?.Invoke();
            at = gotEnd < wantedEnd ? gotEnd : pieceEnd;
            if (gotEnd < wantedEnd)
                return Math.Max(extent.Offset, gotEnd);
        }

        return blocksEnd;
    }

    private void Take(Lease lease, int offset, int length)
    {
        if (options.Inspects)
            inspector.Inspect(lease.Slab, offset, length);
        if (!options.ZeroDetection)
            lease.Runs.Add(offset, length);
    }

    private static long ReadPiece(ISourceFile source, nint destination, long start, long end, out Fault? fault)
    {
        fault = null;
        long at = start;
        while (at < end)
        {
            // Around the page cache only whole blocks can be read; the last one ends where the file ends.
            long from = source.Traits.IsDirect ? Alignment.Down(at) : at;
            long length = source.Traits.IsDirect ? Alignment.Up(end) - from : end - from;
            IoResult read = source.Read(destination + (nint)(from - start), (int)length, from);
            if (read.Error.IsInterrupted)
                continue;
            if (!read.IsOk)
            {
                fault = new Fault(FaultKind.ReadFailed, read.Error, $"at offset {at}");
                return at;
            }

            long reached = from + read.Value;
            if (reached <= at)
            {
                fault = Fault.Of(FaultKind.SourceShrank, $"it ended at {at}");
                return at;
            }

            at = Math.Min(reached, end);
        }

        return at;
    }

    /// <summary>
    /// A walk that finds no more data has met a hole, or a file that was cut meanwhile: only its size tells which.
    /// </summary>
    private static Fault? FindShrinkage(OpenedSource file, ref long at, long end)
    {
        if (at >= end)
            return null;
        IoResult result = file.Source.Status(out FileStat now);
        if (!result.IsOk)
            return new Fault(FaultKind.ReadFailed, result.Error, $"at offset {at}");
        if (now.SizeBytes >= end)
            return null;
        at = Math.Max(at, now.SizeBytes);
        return Fault.Of(FaultKind.SourceShrank, $"it ended at {now.SizeBytes}");
    }

    private SegmentOutcome Map(OpenedSource file, long start, long end, Lease lease)
    {
        int dataBytes = 0;
        long at = start;
        Fault? fault = null;
        if (MapWindow(file, start, end, lease) is { } refused)
            return refused;
        // A file without holes will have got none, and who writes from the window makes sure.
        lease.IsTakenForWritten = lease.Window!.TellsWritten && !file.Known.IsDoubted && file.Status.AllocatedBytes >= file.Status.SizeBytes;
        if (lease.IsTakenForWritten || lease.Window.IsWritten())
        {
            // What was all written need not be walked.
            knownData = Extent.Between(start, end);
        }
        else if (!file.Source.IsPopulated(start, end - start))
        {
            // What was data a while ago may be a hole by now, and a hole that the kernel reads through a mapping becomes memory.
            knownData = default;
            file.Known.Forget();
        }

        while (at < end)
        {
            Extent? next = file.Known.Next(file, at, end, ref knownData, out Errno lost);
            if (lost.IsError)
                fault = new Fault(FaultKind.ReadFailed, lost, $"at offset {at}");
            if (next is not { } extent)
                break;
            lease.Runs.Add((int)(extent.Offset - start), (int)(Alignment.Up(extent.End) - extent.Offset));
            dataBytes += (int)extent.Length;
            at = extent.End;
        }

        // A guess is for this segment alone.
        if (lease.IsTakenForWritten)
            knownData = default;
        fault ??= FindShrinkage(file, ref at, end);
        // Whatever ended the walk, the runs before it are good, and are in the window and never in the slab.
        if (lease.Runs.Count == 0)
            lease.Detach();
        return new SegmentOutcome(fault is null ? (int)(end - start) : (int)(at - start), dataBytes, fault);
    }

    private static SegmentOutcome? MapWindow(OpenedSource file, long start, long end, Lease lease)
    {
        IoResult<IMappedWindow> mapped = file.Source.Map(start, (int)(Alignment.Up(end) - start));
        if (!mapped.Try(out IMappedWindow? window, out Errno error))
        {
            lease.Runs.Clear();
            return new SegmentOutcome(0, 0, new Fault(FaultKind.ReadFailed, error, $"mapping offset {start}"));
        }

        lease.Attach(window);
        return null;
    }

    private static void CopyRuns(RunList from, RunList to)
    {
        foreach (Run run in from.AsSpan())
            to.Add(run.Offset, run.Length);
    }
}
