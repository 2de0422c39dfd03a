using BundleCopier.Manifest;

namespace BundleCopier;

/// <summary>A copy of an engine, with its progress and its end.</summary>
internal sealed class RunningCopy : IRunningCopy
{
    // It is never disposed, because CancelAsync may be called at any time; it holds nothing but memory.
    private readonly CancellationTokenSource ending = new();
    private readonly ProgressStream progress = new();

    /// <param name="manifest">What is copied.</param>
    /// <param name="copy">Starts it.</param>
    /// <param name="stop">Ends the copy early.</param>
    public RunningCopy(
        BundleManifest manifest,
        Func<IProgress<CopyProgress>, CancellationToken, Task<CopyResult>> copy,
        CancellationToken stop)
    {
        Manifest = manifest;
        CancellationTokenRegistration asked = stop.Register(() => CancelAsync());
        Completion = copy(progress, ending.Token);
        Completion.ContinueWith(
            _ =>
            {
                asked.Dispose();
                progress.End();
            },
            TaskScheduler.Default);
    }

    public BundleManifest Manifest { get; }

    public IAsyncEnumerable<CopyProgress> Progress => progress;

    public Task<CopyResult> Completion { get; }

    public Task<CopyResult> CancelAsync()
    {
        _ = ending.CancelAsync();
        return Completion;
    }
}
