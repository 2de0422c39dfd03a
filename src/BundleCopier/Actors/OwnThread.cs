namespace BundleCopier.Actors;

/// <summary>Runs work that blocks for long on a thread of its own, so that it takes none from the pool.</summary>
internal static class OwnThread
{
    /// <summary>Runs it.</summary>
    /// <param name="work">Must end with an <see cref="OperationCanceledException"/> when it is stopped.</param>
    /// <param name="stop">The task is cancelled with it.</param>
    public static Task<T> Run<T>(Func<T> work, CancellationToken stop) => Task.Factory.StartNew(
        work, stop, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
