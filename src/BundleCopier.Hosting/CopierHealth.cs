using Akka.Actor;
using BundleCopier.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BundleCopier.Hosting;

/// <summary>
/// Whether a copier can do its work at the next crash. It is not while its last copy was refused (a full disk, a
/// missing directory), or while copies wait for longer than a minute.
/// </summary>
internal sealed class CopierHealth
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    private volatile string? lastRefusal;

    /// <summary>A copy has ended.</summary>
    public void Ended(Task<CopyResult> copy) => lastRefusal = copy switch
    {
        { IsCompletedSuccessfully: false } => "it failed; the log says why",
        { Result: CopyResult.Refused refused } => refused.Refusal.Message,
        // An invalid manifest says nothing about the copier.
        { Result: CopyResult.Invalid } => lastRefusal,
        _ => null,
    };

    public HealthCheckResult Check(ActorSystem system, EngineState state)
    {
        Dictionary<string, object> data = new()
        {
            ["running"] = state.Running,
            ["waiting"] = state.Waiting.Count,
            ["budgetUsedBytes"] = state.UsedBytes,
            ["armed"] = state.IsArmed,
        };
        if (system.WhenTerminated.IsCompleted)
            return HealthCheckResult.Unhealthy("The actor system of the copier has ended.", data: data);
        if (lastRefusal is { } refusal)
            return HealthCheckResult.Degraded($"The last copy made no bundle: {refusal}", data: data);
        return state.Waiting is [{ } first, ..] && first.Waited > MaxWait
            ? HealthCheckResult.Degraded(
                $"{state.Waiting.Count} copies wait, the first for {Duration.InWords(first.Waited)}.", data: data)
            : HealthCheckResult.Healthy("The copier is ready.", data);
    }
}
