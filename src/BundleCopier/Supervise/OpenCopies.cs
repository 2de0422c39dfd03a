using System.Collections.Concurrent;
using Akka.Actor;

namespace BundleCopier.Supervise;

/// <summary>
/// The copies that an engine was asked for and that are not over. What is told to an actor of a system that has ended
/// is lost without a word; whoever waits for such a copy is told here, and its memory is given back.
/// </summary>
internal sealed class OpenCopies
{
    // By reference: two copies may have been asked for with the same words.
    private readonly ConcurrentDictionary<CopyJob, CopyMemory> open = new(ReferenceEqualityComparer.Instance);
    private readonly ActorSystem system;

    public OpenCopies(ActorSystem system)
    {
        this.system = system;
        system.WhenTerminated.ContinueWith(_ => FailAll(), TaskScheduler.Default);
    }

    /// <summary>Why there can be no copy any more; null while the system runs.</summary>
    public InvalidOperationException? Problem => ProblemOf(system);

    public static InvalidOperationException? ProblemOf(ActorSystem system) => system.WhenTerminated.IsCompleted
        ? new InvalidOperationException(
            $"The actor system \"{system.Name}\" has ended, and nobody in it can copy any more; nothing was written. "
                + "Make an engine in a system that runs.")
        : null;

    /// <summary>A copy is asked for by <paramref name="ask"/>; it is open until it has a result.</summary>
    public void Add(CopyJob job, CopyMemory memory, Action ask)
    {
        open[job] = memory;
        job.Result.Task.ContinueWith(_ => open.TryRemove(job, out CopyMemory? _), TaskScheduler.Default);
        ask();
        // Where the system ended before this was noted, nobody else comes to look.
        if (system.WhenTerminated.IsCompleted)
            FailAll();
    }

    /// <summary>
    /// No actor runs any more, so nobody else touches the memory, and who had begun has told its result.
    /// </summary>
    private void FailAll()
    {
        foreach (CopyJob job in open.Keys)
        {
            if (!open.TryRemove(job, out CopyMemory? memory) || job.Result.Task.IsCompleted)
                continue;
            memory.Slabs.ReclaimAll();
            memory.Dispose();
            job.Result.TrySetException(Problem!);
        }
    }
}
