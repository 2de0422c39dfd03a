using System.Runtime.ExceptionServices;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Restore;

/// <summary>One file that several threads work on.</summary>
internal interface IFileWork
{
    /// <summary>
    /// Takes the next unit, which has a higher number than those before; null when there are no more. One caller at a
    /// time.
    /// </summary>
    /// <param name="scratch">The calling thread's own.</param>
    long? TakeUnit(Scratch scratch);

    /// <summary>Does one unit. Several threads call it at the same time.</summary>
    void Do(long unit, Scratch scratch);

    /// <summary>All units are done. Called once, and last.</summary>
    void Conclude();

    /// <summary>The work ends early. Called once, and last, instead of <see cref="Conclude"/>.</summary>
    void Abandon();
}

/// <summary>A file whose outcome is known without reading it.</summary>
/// <param name="conclude">Tells the outcome.</param>
internal sealed class KnownOutcome(Action conclude) : IFileWork
{
    public long? TakeUnit(Scratch scratch) => null;

    public void Do(long unit, Scratch scratch) => throw new InvalidOperationException("There are no units.");

    public void Conclude() => conclude();

    public void Abandon()
    {
        // Nothing is open.
    }
}

/// <summary>
/// Hands the units of many files to a few threads. A file is opened when its first unit is due and settled when its
/// last unit is done, so few files are open at a time.
/// </summary>
/// <param name="openNext">
/// Opens the next file with the calling thread's own memory, one call at a time; null after the last file.
/// </param>
/// <param name="stop">Ends the work early. Files that are not settled by then are abandoned.</param>
internal sealed class WorkQueue(Func<Scratch, IFileWork?> openNext, CancellationToken stop)
{
    // To open a damaged file may mean to read all of it. Meanwhile other threads end their units and files.
    private readonly Lock taking = new();
    private readonly Lock gate = new();
    private readonly HashSet<OpenFile> openFiles = [];
    private OpenFile? current;
    private bool isAtEnd;
    private ExceptionDispatchInfo? failure;

    /// <summary>
    /// Does everything, and returns when no thread works any more. Where memory or threads are short it works with
    /// fewer threads. It throws only for a bug, or what opening a file throws.
    /// </summary>
    /// <param name="kernel">Gives each thread its memory.</param>
    /// <param name="threads">How many threads work, the calling one included.</param>
    /// <param name="name">The name of the threads.</param>
    /// <returns>An error when there is no memory for a single thread.</returns>
    public IoResult Run(IMemoryKernel kernel, int threads, string name)
    {
        List<Scratch> scratches = [];
        try
        {
            Errno error = Errno.None;
            while (scratches.Count < threads && Scratch.Allocate(kernel).Try(out Scratch? scratch, out error))
                scratches.Add(scratch);
            if (scratches.Count == 0)
                return IoResult.Failed(error);
            List<Thread> helpers = StartHelpers(scratches, name);
            Work(scratches[0]);
            foreach (Thread helper in helpers)
                helper.Join();
        }
        finally
        {
            foreach (Scratch scratch in scratches)
                scratch.Dispose();
        }

        foreach (OpenFile file in openFiles)
            file.Work.Abandon();
        failure?.Throw();
        return IoResult.Done;
    }

    private List<Thread> StartHelpers(List<Scratch> scratches, string name)
    {
        List<Thread> helpers = [];
        foreach (Scratch scratch in scratches.Skip(1))
        {
            Thread helper = new(() => Work(scratch), ThreadStack.OptionalBytes)
            {
                Name = $"{name}-{helpers.Count + 1}",
            };
            try
            {
                helper.Start();
            }
            catch (OutOfMemoryException)
            {
                // The runtime says this where clone(2) fails, also because of a limit on threads.
                break;
            }

            helpers.Add(helper);
        }

        return helpers;
    }

    private void Work(Scratch scratch)
    {
        try
        {
            while (Next(scratch, out long? unit) is { } file)
            {
                if (unit is { } taken)
                    file.Work.Do(taken, scratch);
                if (Leave(file))
                    file.Work.Conclude();
            }
        }
        catch (Exception bug)
        {
            lock (gate)
                failure ??= ExceptionDispatchInfo.Capture(bug);
        }
    }

    /// <summary>
    /// Takes a unit, and counts it in its file. A unit that is null also counts: the file has no more. No file: all
    /// work is done, or has been stopped.
    /// </summary>
    private OpenFile? Next(Scratch scratch, out long? unit)
    {
        lock (taking)
        {
            unit = null;
            if (Volatile.Read(ref failure) is not null || stop.IsCancellationRequested)
                return null;
            if (current is null)
            {
                if (isAtEnd || openNext(scratch) is not { } work)
                {
                    isAtEnd = true;
                    return null;
                }

                current = new OpenFile(work);
                lock (gate)
                    openFiles.Add(current);
            }

            OpenFile file = current;
            unit = file.Work.TakeUnit(scratch);
            if (unit is null)
                current = null;
            lock (gate)
            {
                file.UnitsOut++;
                file.IsExhausted = unit is null;
            }

            return file;
        }
    }

    /// <summary>Returns a unit; true for the last one of its file.</summary>
    private bool Leave(OpenFile file)
    {
        lock (gate)
            return --file.UnitsOut == 0 && file.IsExhausted && openFiles.Remove(file);
    }

    private sealed class OpenFile(IFileWork work)
    {
        public IFileWork Work => work;

        public int UnitsOut { get; set; }

        public bool IsExhausted { get; set; }
    }
}
