using System.Collections.Concurrent;
using Akka.Actor;

namespace BundleCopier.Supervise;

/// <summary>
/// The copies of an engine that are not over. A message to an actor of a system that has ended is lost silently, so the
/// callers of such copies get their exception from here, and the memory is returned here.
/// </summary>
internal sealed class OpenCopies
{
    // By reference: two copies may have equal jobs.
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
            $"The actor system \"{system.Name}\" has ended, so it cannot copy; nothing was written. "
            + "Make an engine in a system that runs.")
        : null;

    /// <summary>A copy is asked for by <paramref name="ask"/>; it is open until it has a result.</summary>
    public void Add(CopyJob job, CopyMemory memory, Action ask)
    {
        open[job] = memory;
        job.Result.Task.ContinueWith(_ => open.TryRemove(job, out CopyMemory? _), TaskScheduler.Default);
        ask();
        // The system may have ended before the job was added; no other call fails it then.
        if (system.WhenTerminated.IsCompleted)
            FailAll();
    }

    /// <summary>
    /// No actor runs any more, so no thread uses the memory, and every copy that had begun has told its result.
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
