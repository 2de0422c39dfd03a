using BundleCopier.Govern;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Keeps the disk busy from one thread: of the orders that it was given, in their order, it has some pieces in
/// flight, and begins the next as soon as it is told to look and one has ended. Synchronous and without actors.
/// </summary>
/// <param name="writes">Room for <see cref="IoLimits.MaxPieces"/> writes.</param>
/// <param name="kernel">Whose clock it goes by.</param>
/// <param name="ended">Told of each order that is over; the task is another order's when it returns.</param>
internal sealed class OverlappedWriter(IOverlappedWrites writes, IKernel kernel, Action<WriteTask> ended) : IDisposable
{
    private readonly List<WriteTask> tasks = [];
    private readonly Stack<WriteTask> spare = new();
    private readonly Slot[] slots = new Slot[IoLimits.MaxPieces];
    private readonly EndedWrite[] found = new EndedWrite[IoLimits.MaxPieces];
    private int inFlight;

    /// <summary>How many pieces are in flight at once, at most <see cref="IoLimits.MaxPieces"/>.</summary>
    public int Limit { get; set; } = 1;

    /// <summary>Some order is not over.</summary>
    public bool IsBusy => tasks.Count > 0;

    /// <summary>A task to be filled and given to <see cref="Begin"/>.</summary>
    public WriteTask Spare() => spare.TryPop(out WriteTask? task) ? task : new WriteTask();

    /// <summary>Takes an order on.</summary>
    public void Begin(WriteTask task)
    {
        tasks.Add(task);
        BeginPieces();
        EndTasks();
    }

    /// <summary>Takes in what has ended and begins what is next.</summary>
    /// <param name="wait">Sleep until something has ended, where anything is under way.</param>
    public void Look(bool wait)
    {
        if (inFlight == 0)
            return;
        int count = writes.Collect(found, wait);
        if (count == 0)
            return;
        long nowUs = kernel.MonotonicUs;
        for (int i = 0; i < count; i++)
        {
            ref Slot slot = ref slots[found[i].Tag];
            IoResult result = found[i].Result;
            slot.Task!.Ended(result.IsOk && result.Value == slot.Length, slot.Length, nowUs - slot.BegunUs);
            slot = default;
            inFlight--;
        }

        // The disk first.
        BeginPieces();
        EndTasks();
    }

    // Waits for what is under way.
    public void Dispose() => writes.Dispose();

    private void BeginPieces()
    {
        Span<MemoryPiece> memory = stackalloc MemoryPiece[IOverlappedWrites.MaxPieces];
        foreach (WriteTask task in tasks)
        {
            while (inFlight < Limit && !task.IsAllBegun)
            {
                if (!task.MayBegin)
                {
                    task.Fail();
                    break;
                }

                int pieces = task.Take(memory, out int length, out long offset);
                int tag = Array.FindIndex(slots, static s => s.Task is null);
                long nowUs = kernel.MonotonicUs;
                if (writes.Begin(tag, task.Output, memory[..pieces], offset))
                {
                    slots[tag] = new Slot(task, length, nowUs);
                    inFlight++;
                    task.Begun();
                }
                else
                {
                    task.Fail();
                }
            }
        }

        foreach (WriteTask task in tasks)
        {
            if (task.InFlight > 0)
                task.Share(inFlight);
        }
    }

    private void EndTasks()
    {
        for (int i = 0; i < tasks.Count;)
        {
            WriteTask task = tasks[i];
            if (!task.IsOver)
            {
                i++;
                continue;
            }

            tasks.RemoveAt(i);
            ended(task);
            spare.Push(task);
        }
    }

    private readonly record struct Slot(WriteTask? Task, int Length, long BegunUs);
}
