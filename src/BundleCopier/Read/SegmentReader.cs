using System.Runtime.InteropServices;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;

namespace BundleCopier.Read;

/// <summary>
/// Puts one segment of a source into a lease: into the slab by pread(2), or as a mapped window that only the kernel
/// will touch. Works piece by piece, so that its thread can do other work between two pieces. Synchronous and without
/// actors; one reader a thread. It allocates nothing once made.
/// </summary>
/// <param name="options">What the reader looks for in the bytes.</param>
internal sealed class SegmentReader(CopyOptions options)
{
    /// <summary>
    /// Bytes of one piece. A piece is hashed right after it was read, while it is in the L2 cache (256 KiB of 1 MiB
    /// on the machines measured).
    /// </summary>
    public const int PieceBytes = 256 * 1024;

    private readonly SegmentInspector inspector = new();

    // What the walk through this file knew last; see KnownData.
    private ISourceFile? knownFile;
    private Extent knownData;

    // The segment that is being read; nothing before the first one.
    private OpenedSource? begunFile;
    private Lease? begunLease;
    private ReadMode mode;
    private long start;
    private long end;
    private bool isPopulated;
    private bool isSecondPass;

    // How far this pass is: everything before `at` is known, and pieces of the extent up to `blocksEnd` are being read.
    private long at;
    private Extent extent;
    private long pieceAt;
    private long blocksEnd;
    private int dataBytes;
    private Fault? fault;

    /// <summary>What was found in the segment that <see cref="Step"/> has ended.</summary>
    public SegmentOutcome Outcome { get; private set; }

    private OpenedSource File => begunFile ?? throw NothingBegun();

    private Lease Lease => begunLease ?? throw NothingBegun();

    /// <summary>Begins a segment. Every <see cref="Step"/> until the last one belongs to it.</summary>
    /// <param name="source">What to read from.</param>
    /// <param name="segment">The segment's number.</param>
    /// <param name="readMode">By slab or by mapping.</param>
    /// <param name="into">
    /// Gets the segment: its runs say what is to be written, its digest is set where one is wanted.
    /// </param>
    public void Begin(OpenedSource source, long segment, ReadMode readMode, Lease into)
    {
        into.Empty();
        (begunFile, begunLease, mode) = (source, into, readMode);
        if (!ReferenceEquals(knownFile, File.Source))
            (knownFile, knownData) = (File.Source, default);
        start = SegmentGrid.StartOfSegment(segment);
        end = start + SegmentGrid.LengthOf(segment, File.Status.SizeBytes);
        if (mode == ReadMode.Map)
            return;
        // A segment whose pages are all there is not walked: finding the end of the data takes a tenth of the time that
        // reading it takes.
        isPopulated = File.IsSmallAndFull || File.Source.IsPopulated(start, end - start);
        if (isPopulated)
            knownData = Extent.Between(start, end);
        BeginPass(isSecond: false);
    }

    /// <summary>
    /// Reads on. A source that ends early or cannot be read gives a fault, and the bytes before it are valid.
    /// </summary>
    /// <param name="leftBytes">How much may still be read now; lowered by what was read.</param>
    /// <returns>True when the segment has ended: <see cref="Outcome"/> says how.</returns>
    public bool Step(ref int leftBytes)
    {
        if (mode == ReadMode.Map)
        {
            Outcome = Map();
            leftBytes = 0;
            return true;
        }

        // The end of a segment is found in the same step as its last piece, so that it needs no message of its own.
        while (leftBytes > 0 || pieceAt == blocksEnd)
        {
            if (pieceAt < blocksEnd)
                leftBytes -= ReadPiece();
            else if (fault is not null || at >= end || !FindExtent())
                return EndPass();
        }

        return false;
    }

    /// <summary>Reads a whole segment at once.</summary>
    public SegmentOutcome Fill(OpenedSource source, long segment, ReadMode readMode, Lease into)
    {
        Begin(source, segment, readMode, into);
        int leftBytes;
        do
            leftBytes = PieceBytes;
        while (!Step(ref leftBytes));
        return Outcome;
    }

    private static InvalidOperationException NothingBegun() => new("No segment was begun.");

    private void BeginPass(bool isSecond)
    {
        inspector.Begin();
        isSecondPass = isSecond;
        (at, extent, pieceAt, blocksEnd, dataBytes, fault) = (start, default, 0, 0, 0, null);
    }

    /// <summary>Finds the next data of the segment. False when there is none.</summary>
    private bool FindExtent()
    {
        if (!File.Known.Next(File, at, end, ref knownData).Try(out Extent? next, out Errno error))
            fault = new Fault(FaultKind.ReadFailed, error, $"at offset {at}");
        if (next is not { } found)
            return false;
        extent = found;
        pieceAt = Alignment.Down(extent.Offset);
        blocksEnd = Math.Min(Alignment.Up(extent.End), start + SegmentGrid.SegmentBytes);
        return true;
    }

    /// <summary>Reads the next piece of the extent, and looks at it. Returns how long the piece is.</summary>
    private int ReadPiece()
    {
        long pieceEnd = Math.Min(pieceAt + PieceBytes, blocksEnd);
        long wantedEnd = Math.Min(pieceEnd, File.Status.SizeBytes);
        int offset = (int)(pieceAt - start);
        int length = (int)(pieceEnd - pieceAt);
        IoResult read = ReadAll(Lease.Address + offset, pieceAt, wantedEnd);
        long gotEnd = pieceAt + read.Value;
        Span<byte> piece = Lease.Slab.Slice(offset, length);
        // Behind the end of the file and between wanted ranges the bundle has zeros.
        piece[(int)(gotEnd - pieceAt)..].Clear();
        if (!File.Ranges.IsBlockAligned(File.Status.SizeBytes))
            File.Ranges.ClearOutside(piece, pieceAt);
        if (gotEnd > pieceAt)
            Take(offset, (int)(Alignment.Up(gotEnd) - pieceAt));
        if (gotEnd < wantedEnd)
        {
            // Only the memory of a process can have no process any more.
            fault = read.Error.Code == Tmds.Linux.LibC.ESRCH
                ? Fault.Of(FaultKind.CoreCut, $"at offset {gotEnd}")
                : read.Error.IsError
                ? new Fault(FaultKind.ReadFailed, read.Error, $"at offset {gotEnd}")
                : Fault.Of(FaultKind.SourceShrank, $"it ended at {gotEnd}");
            EndExtent(Math.Max(extent.Offset, gotEnd));
        }
        else
        {
            pieceAt = pieceEnd;
            if (pieceAt == blocksEnd)
                EndExtent(blocksEnd);
        }

        return length;
    }

    private void EndExtent(long reached)
    {
        pieceAt = blocksEnd;
        dataBytes += (int)(Math.Min(reached, extent.End) - extent.Offset);
        // The last block may hold the start of further ranges, which were read with it.
        if (reached > extent.End)
            dataBytes += (int)File.Ranges.BytesWithin(extent.End, reached);
        at = reached;
    }

    private void Take(int offset, int length)
    {
        if (options.Inspects)
            inspector.Inspect(Lease.Slab, offset, length);
        if (!options.ZeroDetection)
            Lease.Runs.Add(offset, length);
    }

    private bool EndPass()
    {
        if (options.Inspects)
        {
            ulong? digest = inspector.End();
            Lease.Digest = options.Checksum ? digest : null;
            if (options.ZeroDetection)
                CopyRuns(inspector.Found, Lease.Runs);
        }

        fault ??= FindShrinkage(File, ref at, end);
        Outcome = new SegmentOutcome((int)(fault is null ? end - start : at - start), dataBytes, fault);
        // Pages that were reserved and never written (fallocate(2)) count as populated, and are holes full of zeros.
        // Where zeros become holes anyway, this does not matter. Otherwise the segment is read once more, with a
        // walk.
        if (!isPopulated || isSecondPass || options.ZeroDetection || !HasEmptyBlock(Lease) || IsAllData())
            return true;
        Lease.Empty();
        BeginPass(isSecond: true);
        return false;
    }

    // The first word of a block tells enough: where it is zero, the file is asked.
    private static bool HasEmptyBlock(Lease lease)
    {
        foreach (Run run in lease.Runs.AsSpan())
        {
            for (int offset = run.Offset; offset < run.Offset + run.Length; offset += Alignment.Bytes)
            {
                if (MemoryMarshal.Read<ulong>(lease.Slab[offset..]) == 0)
                    return true;
            }
        }

        return false;
    }

    private bool IsAllData()
    {
        knownData = default;
        _ = File.Known.Next(File, start, end, ref knownData);
        return knownData.Offset <= start && knownData.End >= end;
    }

    /// <summary>
    /// Reads until all is there, or the source ends or fails. Returns how much is there, and the error.
    /// </summary>
    private IoResult ReadAll(nint destination, long from, long to)
    {
        ISourceFile source = File.Source;
        long reached = from;
        while (reached < to)
        {
            // Around the page cache only whole blocks can be read; the last one ends where the file ends.
            long readFrom = source.Traits.IsDirect ? Alignment.Down(reached) : reached;
            long length = source.Traits.IsDirect ? Alignment.Up(to) - readFrom : to - readFrom;
            IoResult read = source.Read(destination + (nint)(readFrom - from), (int)length, readFrom);
            if (read.Error.IsInterrupted)
                continue;
            if (!read.IsOk)
                return new IoResult(reached - from, read.Error);
            if (readFrom + read.Value <= reached)
                break;
            reached = Math.Min(readFrom + read.Value, to);
        }

        return IoResult.Ok(reached - from);
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

    private SegmentOutcome Map()
    {
        BeginPass(isSecond: false);
        if (File.Source.Map(start, (int)(Alignment.Up(end) - start)) is var mapped
            && !mapped.Try(out IMappedWindow? window, out Errno error))
        {
            Lease.Runs.Clear();
            return new SegmentOutcome(0, 0, new Fault(FaultKind.ReadFailed, error, $"mapping offset {start}"));
        }

        Lease.Attach(window);
        // A file with as many blocks as bytes is taken for one without holes; the writer asks the window right before
        // it writes from it.
        Lease.IsTakenForWritten =
            window.TellsWritten && !File.Known.IsDoubted && File.Status.AllocatedBytes >= File.Status.SizeBytes;
        if (Lease.IsTakenForWritten || window.IsWritten())
        {
            // A window that was all written need not be walked.
            knownData = Extent.Between(start, end);
        }
        else if (!File.Source.IsPopulated(start, end - start))
        {
            // Data that was found earlier may be a hole by now, and the kernel makes a page of memory of each hole
            // that it reads through a mapping.
            knownData = default;
            File.Known.Forget();
        }

        while (fault is null && at < end && FindExtent())
        {
            Lease.Runs.Add((int)(extent.Offset - start), (int)(Alignment.Up(extent.End) - extent.Offset));
            dataBytes += (int)extent.Length;
            at = extent.End;
        }

        // That all is data is a guess for this segment alone.
        if (Lease.IsTakenForWritten)
            knownData = default;
        fault ??= FindShrinkage(File, ref at, end);
        // The runs before the end of the walk are good; they are in the window and never in the slab.
        if (Lease.Runs.Count == 0)
            Lease.Detach();
        return new SegmentOutcome(fault is null ? (int)(end - start) : (int)(at - start), dataBytes, fault);
    }

    private static void CopyRuns(RunList from, RunList to)
    {
        foreach (Run run in from.AsSpan())
            to.Add(run.Offset, run.Length);
    }
}
