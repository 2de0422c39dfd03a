using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>Tells what the server does: in the log, to the service manager, and in the record of its state.</summary>
internal sealed class ServerTeller(ServiceManager manager, ServerRecord record)
{
    public void Ready(ServeConfig config)
    {
        Messages.Tell($"ready: bundles go to {config.Server.Destination}");
        manager.TellReady("idle");
    }

    public void Idle() => manager.TellStatus("idle");

    public void Started(Crash crash) => manager.TellStatus($"copying {Messages.Printed(crash.Name)}");

    public void Ended(Crash crash, CrashEnd end, string? path, string? message, long nowMs)
    {
        Messages.Tell($"{crash.Name}: {end.ToString().ToLowerInvariant()}: {path ?? message}");
        record.Add(Finished(crash, end, path, message, nowMs));
    }

    public void Refused(Crash crash, RefusedFor reason, string why, long nowMs)
    {
        Messages.Tell($"{crash.Name}: refused: {why}");
        record.AddRefused(Finished(crash, CrashEnd.Refused, null, why, nowMs), reason);
    }

    private static FinishedCrash Finished(Crash crash, CrashEnd end, string? path, string? message, long nowMs) =>
        new(crash.Name, end, path, message, LinuxKernel.Instance.UtcNow, (nowMs - crash.ArrivedMs) / 1000.0);
}
