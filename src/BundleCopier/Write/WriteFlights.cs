using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Keeps the disk busy from one thread that does not wait. A flight is what the kernel gets at once: a piece of one
/// segment, scattered runs of one segment, or many small files. As many flights are in the air as the limits allow.
/// Synchronous and without actors.
/// </summary>
/// <param name="queue">Room for <see cref="QueueDepth"/> writes.</param>
/// <param name="kernel">Its clock.</param>
/// <param name="board">The limits, shared with the other writers of the copy.</param>
internal sealed class WriteFlights(IWriteQueue queue, IKernel kernel, IoBoard board) : IDisposable
{
    /// <summary>Writes that a queue has room for.</summary>
    public const int QueueDepth = 256;

    // With more, a single flight could fill the queue.
    private const int MaxWritesPerFlight = 128;

    private readonly Queue<WriteTask> waiting = new();
    private readonly Stack<int> freeTags = new(Enumerable.Range(0, QueueDepth));
    private readonly Stack<int> freeFlights = new(Enumerable.Range(0, IoLimits.MaxPieces));
    private readonly Write[] writes = new Write[QueueDepth];
    private readonly int[] writesLeft = new int[IoLimits.MaxPieces];
    private readonly int[] tagsOfFlight = new int[MaxWritesPerFlight];
    private readonly EndedWrite[] ended = new EndedWrite[QueueDepth];
    private int tasksBegun;

    /// <summary>Writes that have ended so far.</summary>
    public long Ended { get; private set; }

    /// <summary>Flights in the air.</summary>
    public int Count => IoLimits.MaxPieces - freeFlights.Count;

    /// <summary>Tasks that are not over.</summary>
    public int Tasks => waiting.Count + tasksBegun;

    /// <summary>Tasks of which nothing has been begun.</summary>
    public int Waiting => waiting.Count;

    /// <summary>How long the rate holds the next flight back, in milliseconds; 0 where it does not.</summary>
    public long WaitMs { get; private set; }

    /// <summary>Tasks that are over since this was emptied last; some have failed.</summary>
    public Queue<WriteTask> Over { get; } = new();

    /// <summary>Takes a task on.</summary>
    public void Add(WriteTask task) => waiting.Enqueue(task);

    /// <summary>Takes in writes that have ended.</summary>
    /// <param name="wait">Sleep until one has ended.</param>
    public void Collect(bool wait)
    {
        if (Count == 0)
            return;
        int count = queue.Collect(ended, wait);
        if (count == 0)
            return;
        Ended += count;
        long nowUs = kernel.MonotonicUs;
        for (int i = 0; i < count; i++)
        {
            Write write = writes[ended[i].Tag];
            IoResult result = ended[i].Result;
            EndWrite(ended[i].Tag);
            if (!result.IsOk || result.Value != write.Length)
                write.Task.EndsAt(write.Offset + (result.IsOk ? Alignment.Down(result.Value) : 0));
            write.Task.PieceEnded(result.IsOk && result.Value == write.Length, write.Length, nowUs - write.BegunUs);
            TellIfOver(write.Task);
        }
    }

    /// <summary>
    /// Begins as many flights as the limits allow. When the copy ends early, it begins none, and the tasks that wait
    /// are over as soon as their pieces in flight have ended.
    /// </summary>
    public void Begin()
    {
        WaitMs = 0;
        // The cause can come while the kernel takes a flight, which may be long on a disk that does not answer.
        while (board.StopCause is null && waiting.TryPeek(out WriteTask? task))
        {
            if (task.IsAllBegun)
            {
                waiting.Dequeue();
                continue;
            }

            if (freeFlights.Count == 0 || freeTags.Count == 0)
                return;
            if (!board.TryBegin(Count))
                return;
            IoLimits limits = board.Limits;
            if (!board.TryPass(NextFlightBytes(limits), kernel.MonotonicMs, out long waitMs))
            {
                board.End(1);
                WaitMs = waitMs;
                return;
            }

            // Right before the first write, and after the limits: a look costs as much as 40 µs (mincore(2) of 1 MiB),
            // and a task may meet the limits several times before its first write.
            if (task.IsFresh && !task.Job.Lease.HoldsData())
            {
                board.End(1);
                waiting.Dequeue();
                task.LoseSource();
                Over.Enqueue(task);
                continue;
            }

            BeginFlight(limits);
        }

        if (board.StopCause is not null)
            StopWaiting();
    }

    /// <summary>Waits for writes in flight; the kernel reads from their memory until they end.</summary>
    public void Dispose()
    {
        queue.Dispose();
        board.End(Count);
    }

    private void StopWaiting()
    {
        while (waiting.TryDequeue(out WriteTask? task))
        {
            if (task.IsAllBegun)
                continue;
            task.Stop();
            if (task.IsFresh)
                Over.Enqueue(task);
            else
                TellIfOver(task);
        }
    }

    private static int FlightBytes(WriteTask first, IoLimits limits) =>
        // A stored segment is a little longer than a segment, and a request of its own for the rest costs as much as
        // the segment.
        limits.PieceBytes < SegmentGrid.SegmentBytes ? limits.PieceBytes : Math.Max(limits.PieceBytes, first.LeftBytes);

    private int NextFlightBytes(IoLimits limits)
    {
        int bytes = 0;
        int maxBytes = FlightBytes(waiting.Peek(), limits);
        foreach (WriteTask task in waiting)
        {
            bytes += task.LeftBytes;
            if (bytes >= maxBytes || task.Job.Batch is null)
                break;
        }

        return Math.Min(bytes, maxBytes);
    }

    private void BeginFlight(IoLimits limits)
    {
        int flight = freeFlights.Pop();
        int count = 0;
        int leftBytes = FlightBytes(waiting.Peek(), limits);
        while (waiting.TryPeek(out WriteTask? task) && leftBytes > 0 && count < MaxWritesPerFlight
            && freeTags.Count > 0)
        {
            if (task.IsFresh && !task.IsAllBegun)
                tasksBegun++;
            count = AddWrites(task, flight, count, ref leftBytes);
            if (!task.IsAllBegun)
                break;
            waiting.Dequeue();
            // Only small files share a flight.
            if (task.Job.Batch is null || !waiting.TryPeek(out WriteTask? next) || next.Job.Batch is null)
                break;
        }

        int taken = queue.Submit();
        writesLeft[flight] = taken;
        for (int i = taken; i < count; i++)
            RefuseWrite(tagsOfFlight[i]);
        if (taken == 0)
        {
            freeFlights.Push(flight);
            board.End(1);
            return;
        }

        for (int i = 0; i < taken; i++)
            writes[tagsOfFlight[i]].Task.ShareWith(Count);
    }

    private int AddWrites(WriteTask task, int flight, int count, ref int leftBytes)
    {
        Span<MemoryPiece> memory = stackalloc MemoryPiece[IWriteQueue.MaxPieces];
        long nowUs = kernel.MonotonicUs;
        while (!task.IsAllBegun && leftBytes > 0 && count < MaxWritesPerFlight && freeTags.TryPop(out int tag))
        {
            task.Job.HasBegun = true;
            if (task.IsFresh)
                task.Job.WriteBegunUs = nowUs;
            int pieces = task.TakePiece(leftBytes, memory, out long offset, out int length);
            writes[tag] = new Write(task, flight, offset, length, nowUs);
            if (!queue.Add(tag, task.Job.File.Output, memory[..pieces], offset))
            {
                RefuseWrite(tag);
                break;
            }

            tagsOfFlight[count++] = tag;
            leftBytes -= length;
        }

        return count;
    }

    private void RefuseWrite(int tag)
    {
        WriteTask task = writes[tag].Task;
        task.EndsAt(writes[tag].Offset);
        writes[tag] = default;
        freeTags.Push(tag);
        task.PieceRefused();
        TellIfOver(task);
    }

    private void EndWrite(int tag)
    {
        int flight = writes[tag].Flight;
        writes[tag] = default;
        freeTags.Push(tag);
        if (--writesLeft[flight] > 0)
            return;
        freeFlights.Push(flight);
        board.End(1);
    }

    private void TellIfOver(WriteTask task)
    {
        if (!task.IsOver || task.IsReported)
            return;
        task.IsReported = true;
        tasksBegun--;
        Over.Enqueue(task);
    }

    private readonly record struct Write(WriteTask Task, int Flight, long Offset, int Length, long BegunUs);
}
