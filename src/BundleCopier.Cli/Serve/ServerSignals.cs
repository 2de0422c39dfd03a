using System.Runtime.InteropServices;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// SIGTERM and SIGINT end the server, SIGHUP reads the settings again, SIGQUIT asks what the copy is doing. SIGXFSZ and
/// SIGIO end nothing (see <see cref="Signals"/>).
/// </summary>
internal sealed class ServerSignals(Action stop, Action reload, Action describe) : IDisposable
{
    // SIGXFSZ and SIGIO in signal(7); .NET has no names for them.
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;
    private const PosixSignal LeaseBroken = (PosixSignal)29;

    private readonly PosixSignalRegistration[] registrations =
    [
        On(PosixSignal.SIGTERM, stop),
        On(PosixSignal.SIGINT, stop),
        On(PosixSignal.SIGHUP, reload),
        On(PosixSignal.SIGQUIT, describe),
        On(FileSizeExceeded, static () => { }),
        On(LeaseBroken, static () => { }),
    ];

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action act) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            act();
        });
}
