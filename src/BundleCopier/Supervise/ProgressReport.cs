using Akka.Event;

namespace BundleCopier.Supervise;

/// <summary>
/// Tells the observer how far the copy is. An observer that throws is told nothing more: it is foreign code, and the
/// copy does not fail for it.
/// </summary>
/// <param name="observer">Null where there is none.</param>
/// <param name="bundle">The bundle's name.</param>
/// <param name="log">Gets what the observer throws.</param>
internal sealed class ProgressReport(IProgress<CopyProgress>? observer, string bundle, ILoggingAdapter log)
{
    private IProgress<CopyProgress>? observer = observer;

    /// <summary>Tells it. False when it is not to be told again.</summary>
    public bool TryTell(CopyProgress progress)
    {
        try
        {
            observer?.Report(progress);
        }
#pragma warning disable CA1031 // Foreign code may throw anything.
        catch (Exception error)
#pragma warning restore CA1031
        {
            observer = null;
            log.Warning(
                error,
                "The observer of bundle {0}'s progress has thrown; the copy goes on, and reports no more.",
                bundle);
        }

        return observer is not null;
    }
}
