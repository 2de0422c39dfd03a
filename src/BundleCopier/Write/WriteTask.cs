using System.Runtime.InteropServices;
using BundleCopier.Govern;
using BundleCopier.Native;
using BundleCopier.Observe;
using BundleCopier.Segments;

namespace BundleCopier.Write;

/// <summary>Memory that goes to one place in a file.</summary>
internal readonly record struct WriteStretch(nint Address, int Length, long Offset);

/// <summary>
/// A job while its writes are begun, cut into pieces, and come to their ends. Used again for one job after the other,
/// so that a job takes no memory.
/// </summary>
internal sealed class WriteTask
{
    private readonly List<WriteStretch> stretches = [];
    private int next;
    private int nextDone;
    private int inFlight;
    private long endedBytes;
    private long latencyUs;
    private long beforeUs;
    private int sharers;
    private SegmentJob? job;
    private IoLimits? limits;

    public SegmentJob Job => job ?? throw new InvalidOperationException("The task has no job.");

    /// <summary>The limits when the task was queued.</summary>
    public IoLimits Limits => limits ?? throw new InvalidOperationException("The task has no job.");

    /// <summary>
    /// A write did not end as it should: the whole job is written once more, waiting, which tells why.
    /// </summary>
    public bool HasFailed { get; private set; }

    /// <summary>
    /// Once it has failed: everything before this offset of the file is on disk. It is not written again: a filesystem
    /// that copies on write (btrfs) needs new space for each write, and a full disk has none.
    /// </summary>
    public long DoneEnd { get; private set; }

    /// <summary>The window does not hold what the reader took it for; nothing was written.</summary>
    public bool IsSourceLost { get; private set; }

    /// <summary>The copy ends early: no piece of it is begun any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The disk has answered a write of it: another attempt is the last one.</summary>
    public bool WasTried { get; private set; }

    /// <summary>The task is already in <see cref="WriteFlights.Over"/>.</summary>
    public bool IsReported { get; set; }

    /// <summary>All of it, in the order of the file.</summary>
    public ReadOnlySpan<WriteStretch> Stretches => CollectionsMarshal.AsSpan(stretches);

    /// <summary>Bytes that are not begun yet.</summary>
    public int LeftBytes { get; private set; }

    /// <summary>No write of it has been begun.</summary>
    public bool IsFresh => next == 0 && nextDone == 0;

    public bool IsAllBegun => HasFailed || IsStopped || next == stretches.Count;

    public bool IsOver => IsAllBegun && inFlight == 0;

    /// <summary>
    /// Up to where in the file its pieces are begun; null before the first one. When it is over and has not failed, all
    /// before this is on disk.
    /// </summary>
    public long? BegunEnd => IsFresh ? null
        : next < stretches.Count ? stretches[next].Offset + nextDone
        : stretches[^1].Offset + stretches[^1].Length;

    /// <summary>
    /// How long the disk took for a piece, on the mean; for shorter ones, as long as for as many bytes of them.
    /// </summary>
    public long PieceUs => endedBytes == 0 ? 0 : latencyUs * Math.Min(Limits.PieceBytes, endedBytes) / endedBytes;

    /// <summary>
    /// The writer's time for it, in microseconds: its share, where the writer had other pieces in flight (Little's
    /// law).
    /// </summary>
    public long ElapsedUs => beforeUs + (latencyUs / Math.Max(1, sharers));

    /// <summary>Makes it the task of another job.</summary>
    /// <param name="of">The job.</param>
    /// <param name="under">The limits that hold now.</param>
    /// <param name="spentUs">Time that the writer has spent on the job already, in microseconds.</param>
    public void Reset(SegmentJob of, IoLimits under, long spentUs)
    {
        (job, limits, beforeUs) = (of, under, spentUs);
        (next, nextDone, inFlight, endedBytes, latencyUs, sharers, LeftBytes) = (0, 0, 0, 0, 0, 0, 0);
        DoneEnd = long.MaxValue;
        (HasFailed, IsSourceLost, IsStopped, WasTried, IsReported) = (false, false, false, false, false);
        stretches.Clear();
    }

    /// <summary>Adds memory, in the order of the file.</summary>
    public void Add(WriteStretch stretch)
    {
        stretches.Add(stretch);
        LeftBytes += stretch.Length;
    }

    /// <summary>Begins the next piece, which may be in several pieces of memory, but lies in one in the file.</summary>
    /// <param name="maxBytes">How long the piece may be.</param>
    /// <param name="memory">Gets the memory.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="length">How long the piece is.</param>
    /// <returns>How many pieces of memory.</returns>
    public int TakePiece(int maxBytes, Span<MemoryPiece> memory, out long offset, out int length)
    {
        int count = 0;
        length = 0;
        offset = stretches[next].Offset + nextDone;
        while (next < stretches.Count && count < memory.Length && length < maxBytes
            && stretches[next].Offset + nextDone == offset + length)
        {
            WriteStretch stretch = stretches[next];
            int taken = Math.Min(stretch.Length - nextDone, maxBytes - length);
            memory[count++] = new MemoryPiece(stretch.Address + nextDone, taken);
            length += taken;
            nextDone += taken;
            if (nextDone == stretch.Length)
                (next, nextDone) = (next + 1, 0);
        }

        LeftBytes -= length;
        inFlight++;
        return count;
    }

    /// <summary>So many pieces of the writer are in flight, this one's among them.</summary>
    public void ShareWith(int all) => sharers = Math.Max(sharers, all);

    /// <summary>A piece has come to its end.</summary>
    public void PieceEnded(bool isWhole, int length, long tookUs)
    {
        inFlight--;
        WasTried = true;
        endedBytes += length;
        latencyUs += tookUs;
        EngineMeter.WriteDuration.Record(tookUs / 1e6);
        HasFailed |= !isWhole;
    }

    /// <summary>
    /// What of it is on disk ends here: a piece at this place was refused or went short. Pieces before it are whole.
    /// </summary>
    public void EndsAt(long offset) => DoneEnd = Math.Min(DoneEnd, offset);

    /// <summary>There is nothing to be written from.</summary>
    public void LoseSource() => IsSourceLost = true;

    /// <summary>Nothing more of it is begun.</summary>
    public void Stop() => IsStopped = true;

    /// <summary>All of it was written at once, and waited for.</summary>
    public void Waited(long tookUs, long bytes)
    {
        (endedBytes, latencyUs, sharers) = (bytes, tookUs, 1);
        EngineMeter.WriteDuration.Record(tookUs / 1e6);
    }

    /// <summary>A piece could not be begun.</summary>
    public void PieceRefused()
    {
        inFlight--;
        HasFailed = true;
    }
}
