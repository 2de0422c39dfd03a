using System.Runtime.InteropServices;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop. SIGHUP stays ignored where the parent process
/// ignores it (nohup(1)). A second one ends the process at once, as users expect
/// when they press Ctrl-C again. SIGXFSZ is ignored: it would end the process (setrlimit(2)), and the write fails with
/// EFBIG anyway. SIGIO tells that another process wants to write to a source; where it is handled here, the engine
/// need not ask for another signal file by file (fcntl(2), F_SETSIG). SIGQUIT (Ctrl-\) asks what the copy is doing,
/// and stops nothing.
/// </summary>
internal sealed class Signals : IDisposable
{
    // timeout(1) signals its child and then its own process group, so the child gets the same request twice.
    private const int OneRequestMs = 1000;

    // SIGXFSZ and SIGIO in signal(7); .NET has no names for them.
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;
    private const PosixSignal LeaseBroken = (PosixSignal)29;

    private const int Hangup = 1;

    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;
    private int received;
    private long receivedMs;

    /// <param name="whenAsked">Called on SIGQUIT; null: SIGQUIT ends the process, as usual.</param>
    public Signals(Action? whenAsked = null) => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, number: 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, number: 15)),
        .. IgnoredSignal.Is(Hangup) ? [] : (PosixSignalRegistration[])[PosixSignalRegistration.Create(
            PosixSignal.SIGHUP, context => Receive(context, Hangup))],
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context =>
        {
            context.Cancel = whenAsked is not null;
            whenAsked?.Invoke();
        }),
        PosixSignalRegistration.Create(FileSizeExceeded, static context => context.Cancel = true),
        PosixSignalRegistration.Create(LeaseBroken, static context => context.Cancel = true),
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
        // .NET handles two signals on two threads at the same time.
        lock (stop)
        {
            if (received != 0)
            {
                context.Cancel = Environment.TickCount64 - receivedMs < OneRequestMs;
                if (!context.Cancel)
                    StatusLine.Leave();
                return;
            }

            Volatile.Write(ref received, number);
            receivedMs = Environment.TickCount64;
            context.Cancel = true;
        }

        stop.Cancel();
    }
}
