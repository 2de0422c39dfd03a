using BundleCopier.Manifest;

namespace BundleCopier;

/// <summary>A copy that was started. It goes on whether or not anything waits for it. Safe on any thread.</summary>
public interface IRunningCopy
{
    /// <summary>What was asked for.</summary>
    BundleManifest Manifest { get; }

    /// <summary>
    /// How far the copy is. Each enumeration begins with the latest progress and ends with the copy. A reader that is
    /// slower than <c>progress-interval</c> misses steps and holds up nothing. A copy that is refused at once has none.
    /// </summary>
    IAsyncEnumerable<CopyProgress> Progress { get; }

    /// <summary>
    /// How the copy ended. It is never cancelled; a copy that was stopped has a result, too. It fails with an
    /// <see cref="InvalidOperationException"/> only when the actor system ended before the copy began.
    /// </summary>
    Task<CopyResult> Completion { get; }

    /// <summary>
    /// Ends the copy early: what is complete by then is committed with the status <c>cancelled</c>. Further calls, and
    /// calls after the end, change nothing.
    /// </summary>
    /// <returns><see cref="Completion"/>.</returns>
    Task<CopyResult> CancelAsync();
}
