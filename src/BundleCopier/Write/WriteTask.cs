using System.Runtime.InteropServices;
using Akka.Actor;
using BundleCopier.Memory;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>Memory that goes to one place in a file.</summary>
internal readonly record struct WriteStretch(nint Address, int Length, long Offset);

/// <summary>
/// An order that is carried out by overlapped writes: what is to be written, cut into pieces as they are begun, and what became of them.
/// Used again for one order after the other, so that none of them takes memory.
/// </summary>
internal sealed class WriteTask
{
    private readonly List<WriteStretch> stretches = [];
    private int next;
    private int nextDone;
    private long endedBytes;
    private long latencyUs;
    private long beforeUs;
    private Lease? lease;

    /// <summary>What was ordered.</summary>
    public object Order { get; private set; } = "";

    /// <summary>By whom.</summary>
    public IActorRef ReplyTo { get; private set; } = ActorRefs.Nobody;

    public IOutputFile Output { get; private set; } = null!;

    /// <summary>The most that one write hands to the disk.</summary>
    public int PieceBytes { get; private set; }

    /// <summary>Pieces that are under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Something went otherwise than it should: all of it has to be written again, in a way that tells why.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The most pieces of one writer that were under way at once, with this one's.</summary>
    public int Sharers { get; private set; }

    /// <summary>There is nothing left to be begun.</summary>
    public bool IsAllBegun => HasFailed || next == stretches.Count;

    public bool IsOver => IsAllBegun && InFlight == 0;

    /// <summary>How long the disk took for a piece of it: where it came in shorter ones, as long as for as many bytes of them.</summary>
    public long PieceUs => endedBytes == 0 ? 0 : latencyUs * Math.Min(PieceBytes, endedBytes) / endedBytes;

    /// <summary>
    /// How long a writer was busy with it: where it shared the time with others, its part of it (Little's law), so that length by time is the
    /// writer's speed.
    /// </summary>
    public long ElapsedUs => beforeUs + (latencyUs / Math.Max(1, Sharers));

    /// <summary>False where there is nothing to be written from any more; to be asked right before each write.</summary>
    public bool MayBegin => next > 0 || nextDone > 0 || lease is null || lease.HoldsData();

    /// <summary>Makes it the task of another order.</summary>
    /// <param name="order">What was ordered.</param>
    /// <param name="replyTo">By whom.</param>
    /// <param name="output">Where to.</param>
    /// <param name="pieceBytes">The most that one write hands to the disk.</param>
    /// <param name="beforeUs">How long the writer was busy with it already.</param>
    /// <param name="lease">Asked before the first write whether it holds what is to be written; null where that is known.</param>
    public void Reset(object order, IActorRef replyTo, IOutputFile output, int pieceBytes, long beforeUs = 0, Lease? lease = null)
    {
        this.lease = lease;
        this.beforeUs = beforeUs;
        (Order, ReplyTo, Output, PieceBytes) = (order, replyTo, output, pieceBytes);
        (next, nextDone, endedBytes, latencyUs) = (0, 0, 0, 0);
        (InFlight, HasFailed, Sharers) = (0, false, 0);
        stretches.Clear();
    }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<WriteStretch> Stretches => CollectionsMarshal.AsSpan(stretches);

    /// <summary>Adds memory, in the order of the file.</summary>
    public void Add(WriteStretch stretch) => stretches.Add(stretch);

    /// <summary>The next piece, which may be in several pieces of memory, but lies in one in the file.</summary>
    /// <param name="memory">Gets the memory.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="offset">Where in the file.</param>
    /// <returns>How many pieces of memory.</returns>
    public int Take(Span<MemoryPiece> memory, out int length, out long offset)
    {
        int count = 0;
        length = 0;
        offset = stretches[next].Offset + nextDone;
        while (next < stretches.Count && count < memory.Length && length < PieceBytes && stretches[next].Offset + nextDone == offset + length)
        {
            WriteStretch stretch = stretches[next];
            int taken = Math.Min(stretch.Length - nextDone, PieceBytes - length);
            memory[count++] = new MemoryPiece(stretch.Address + nextDone, taken);
            length += taken;
            nextDone += taken;
            if (nextDone == stretch.Length)
                (next, nextDone) = (next + 1, 0);
        }

        return count;
    }

    /// <summary>A piece is under way.</summary>
    public void Begun() => InFlight++;

    /// <summary>So many pieces are under way.</summary>
    public void Share(int all) => Sharers = Math.Max(Sharers, all);

    /// <summary>A piece has come to its end.</summary>
    public void Ended(bool isWhole, int length, long tookUs)
    {
        InFlight--;
        endedBytes += length;
        latencyUs += tookUs;
        HasFailed |= !isWhole;
    }

    /// <summary>A piece was not taken.</summary>
    public void Fail() => HasFailed = true;
}
