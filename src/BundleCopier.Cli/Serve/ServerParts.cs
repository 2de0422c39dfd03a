using BundleCopier.Native;
using BundleCopier.Supervise;

namespace BundleCopier.Cli.Serve;

/// <summary>What the server has opened before it starts.</summary>
/// <param name="ConfigPath">The configuration file; null for none.</param>
/// <param name="Spool">The spool.</param>
/// <param name="Watch">Tells when something comes into it.</param>
/// <param name="Control">The control socket.</param>
/// <param name="Cores">The kernel's coredump socket; null where the settings switch it off.</param>
/// <param name="Manager">The service manager.</param>
/// <param name="Arms">The memory.</param>
internal sealed record ServerParts(
    string? ConfigPath,
    SpoolFolder Spool,
    DirectoryWatch Watch,
    FileHandle Control,
    FileHandle? Cores,
    ServiceManager Manager,
    EngineArms Arms)
{
    /// <summary>Completed when the server's actor has stopped: true where it was told to.</summary>
    public TaskCompletionSource<bool> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
