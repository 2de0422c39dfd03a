using System.Collections.Concurrent;
using Akka;
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
    private readonly CancellationTokenSource shutdown = new();
    private readonly TaskCompletionSource rootStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OpenCopies(ActorSystem system)
    {
        this.system = system;
        // The first phase: no other service has ended yet. The system waits at most for the phase's timeout, which is
        // 5 s by default (akka.coordinated-shutdown.default-phase-timeout).
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind, "bundle-copies-are-committed", EndAsync);
        system.WhenTerminated.ContinueWith(_ => FailAll(), TaskScheduler.Default);
    }

    /// <summary>Cancelled when the actor system begins to shut down.</summary>
    public CancellationToken Shutdown => shutdown.Token;

    /// <summary>The parent of the copies has stopped, so no copy can end by itself any more. From any thread.</summary>
    public void RootStopped() => rootStopped.TrySetResult();

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

    /// <summary>Stops all copies, and ends when each has committed what is complete.</summary>
    private async Task<Done> EndAsync()
    {
        await shutdown.CancelAsync().ConfigureAwait(false);
        Task all = Task.WhenAll(open.Keys.Select(static job => job.Result.Task));
        await Task.WhenAny(all, rootStopped.Task).ConfigureAwait(false);
        return Done.Instance;
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
            memory.GiveBack();
            job.Result.TrySetException(Problem!);
        }
    }
}
