using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>Tells what the server does: in the log, to the service manager, and in the record of its state.</summary>
internal sealed class ServerTeller(ServiceManager manager, ServerRecord record)
{
    /// <param name="config">The settings that hold from now on.</param>
    /// <param name="running">What is copied meanwhile; null for nothing.</param>
    public void Ready(ServeConfig config, Crash? running)
    {
        Messages.Tell($"ready: bundles go to {config.Server.Destination}");
        manager.TellReady(StatusOf(running));
    }

    public void Now(Crash? running) => manager.TellStatus(StatusOf(running));

    public void Ended(Crash crash, CrashEnd end, string? path, string? message, long nowMs)
    {
        string[] what = [.. new[] { path, message }.OfType<string>()];
        Messages.Tell($"{crash.Name}: {end.ToString().ToLowerInvariant()}: {string.Join(": ", what)}");
        record.Add(Finished(crash, end, path, message, nowMs));
    }

    public void Refused(Crash crash, RefusedFor reason, string why, long nowMs)
    {
        Messages.Tell($"{crash.Name}: refused: {why}");
        record.AddRefused(Finished(crash, CrashEnd.Refused, null, why, nowMs), reason);
    }

    private static string StatusOf(Crash? running) =>
        running is null ? "idle" : $"copying {Messages.Printed(running.Name)}";

    private static FinishedCrash Finished(Crash crash, CrashEnd end, string? path, string? message, long nowMs) =>
        new(crash.Name, end, path, message, LinuxKernel.Instance.UtcNow, (nowMs - crash.ArrivedMs) / 1000.0);
}
