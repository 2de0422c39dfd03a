namespace BundleCopier;

/// <summary>
/// Passes the progress of a copy to any number of readers. It keeps the latest one only, so a slow reader costs no
/// memory. Safe on any thread.
/// </summary>
internal sealed class ProgressStream : IProgress<CopyProgress>, IAsyncEnumerable<CopyProgress>
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSource();
    private CopyProgress? latest;
    private long number; // of the latest
    private bool isEnded;

    public void Report(CopyProgress value) => Change(() =>
    {
        latest = value;
        number++;
    });

    /// <summary>There is no more progress.</summary>
    public void End() => Change(() => isEnded = true);

    public async IAsyncEnumerator<CopyProgress> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        long seen = 0;
        while (true)
        {
            CopyProgress? next = null;
            Task? wait = null;
            lock (gate)
            {
                if (number > seen)
                    (next, seen) = (latest, number);
                else if (isEnded)
                    yield break;
                else
                    wait = changed.Task;
            }

            if (wait is not null)
                await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
            else
                yield return next!;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Action change)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            change();
            waiting = changed;
            changed = NewSource();
        }

        waiting.TrySetResult();
    }
}
