using System.Diagnostics;

namespace BundleCopier.Observe;

/// <summary>
/// The span of one copy, with a span of each phase below it. A span that begins or ends would change the current one of
/// the thread, which belongs to the caller or is used by other copies; it is put back. Only one thread at a time uses
/// it.
/// </summary>
internal sealed class CopySpan
{
    private readonly Activity? copy;
    private Activity? phase;
    private string? phaseName;

    /// <summary>A copy begins, as part of what the caller does.</summary>
    public CopySpan(string bundle)
    {
        copy = Begin("bundlecopier.copy", Activity.Current?.Context ?? default);
        copy?.SetTag(Telemetry.Bundle, bundle);
    }

    /// <summary>The copy is in this phase now.</summary>
    /// <param name="name">The phase; null when it is over.</param>
    public void Enter(string? name)
    {
        if (copy is null || name == phaseName)
            return;
        phaseName = name;
        End(phase);
        phase = name is null ? null : Begin($"bundlecopier.{name.ToLowerInvariant()}", copy.Context);
    }

    /// <summary>The copy is over.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="errorType">What kind of error ended it; null for none.</param>
    /// <param name="message">The error in words.</param>
    public void End(string status, string? errorType, string? message)
    {
        Enter(null);
        copy?.SetTag(Telemetry.Status, status);
        if (errorType is not null)
        {
            copy?.SetTag(Telemetry.ErrorType, errorType);
            copy?.SetStatus(ActivityStatusCode.Error, message);
        }

        End(copy);
    }

    private static Activity? Begin(string name, ActivityContext parent)
    {
        Activity? before = Activity.Current;
        Activity? begun = Telemetry.Spans.StartActivity(name, ActivityKind.Internal, parent);
        Activity.Current = before;
        return begun;
    }

    private static void End(Activity? span)
    {
        Activity? before = Activity.Current;
        span?.Stop();
        Activity.Current = before;
    }
}
