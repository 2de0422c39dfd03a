using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using BundleCopier.Native;

namespace BundleCopier.Restore;

/// <summary>One file that is being worked on by several threads.</summary>
internal interface IFileWork
{
    /// <summary>The next unit; false when there is no more. One caller at a time.</summary>
    bool TakeUnit(out long unit);

    /// <summary>Does one unit; called by several threads at the same time.</summary>
    void Do(long unit, Scratch scratch);

    /// <summary>Every unit has been done. Called once; then nobody uses the work any more.</summary>
    void Settle();

    /// <summary>Something ended it early. Called once instead of <see cref="Settle"/>.</summary>
    void Abandon();
}

/// <summary>
/// Hands the units of many files to a few threads. Files are opened when their turn comes and settled when their last unit
/// is done, so few are open at a time.
/// </summary>
/// <param name="count">How many files there are.</param>
/// <param name="open">Opens one, by number, one at a time; null when there is nothing to do for it.</param>
/// <param name="stop">Ends the work early; what is not settled then is abandoned.</param>
internal sealed class WorkQueue(int count, Func<int, Scratch, IFileWork?> open, CancellationToken stop)
{
    private readonly Lock gate = new();
    private readonly HashSet<Slot> live = [];
    private int nextFile;
    private Slot? current;
    private ExceptionDispatchInfo? failure;

    /// <summary>Does everything. Returns when no thread works any more; throws only for a bug or for want of memory.</summary>
    public void Run(IMemoryKernel kernel, int threads, string name)
    {
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Work(kernel)) { Name = $"{name}-{i}" })];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        foreach (Slot slot in live)
            slot.Work.Abandon();
        failure?.Throw();
    }

    private void Work(IMemoryKernel kernel)
    {
        try
        {
            if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
                throw new InsufficientMemoryException($"No memory for a slab: {error.Name}.");
            using (scratch)
            {
                while (Next(scratch, out Slot? slot, out long unit))
                {
                    if (unit >= 0)
                        slot.Work.Do(unit, scratch);
                    if (Leave(slot))
                        slot.Work.Settle();
                }
            }
        }
        catch (Exception bug)
        {
            lock (gate)
                failure ??= ExceptionDispatchInfo.Capture(bug);
        }
    }

    /// <summary>Something to do, counted in its slot; a negative unit means that there was no more in it.</summary>
    private bool Next(Scratch scratch, [NotNullWhen(true)] out Slot? slot, out long unit)
    {
        lock (gate)
        {
            unit = -1;
            while (failure is null && !stop.IsCancellationRequested)
            {
                if (current is null)
                {
                    if (nextFile == count)
                        break;
                    if (open(nextFile++, scratch) is not { } work)
                        continue;
                    current = new Slot(work);
                    live.Add(current);
                }

                slot = current;
                slot.Outstanding++;
                if (!slot.Work.TakeUnit(out unit))
                {
                    unit = -1;
                    slot.IsExhausted = true;
                    current = null;
                }

                return true;
            }

            slot = null;
            return false;
        }
    }

    /// <summary>True for the one caller who was the last.</summary>
    private bool Leave(Slot slot)
    {
        lock (gate)
            return --slot.Outstanding == 0 && slot.IsExhausted && live.Remove(slot);
    }

    private sealed class Slot(IFileWork work)
    {
        public IFileWork Work => work;

        public int Outstanding { get; set; }

        public bool IsExhausted { get; set; }
    }
}
