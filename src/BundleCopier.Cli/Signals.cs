using System.Runtime.InteropServices;

namespace BundleCopier.Cli;

/// <summary>
/// Turns the first SIGINT or SIGTERM into a request to stop; a second one ends the process at once, as anybody who presses
/// Ctrl-C twice expects.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;
    private int received;

    public Signals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, number: 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, number: 15)),
    ];

    public CancellationToken Stop => stop.Token;

    /// <summary>The first signal's number; 0 when none came.</summary>
    public int Received => Volatile.Read(ref received);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        stop.Dispose();
    }

    private void Receive(PosixSignalContext context, int number)
    {
        if (Interlocked.CompareExchange(ref received, number, 0) != 0)
            return;
        context.Cancel = true;
        stop.Cancel();
    }
}
