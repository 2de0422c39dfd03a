using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>The messages of the crash server's actor.</summary>
internal static class ServeProtocol
{
    /// <summary>Something may have come into the spool.</summary>
    public sealed record LookIntoSpool
    {
        public static LookIntoSpool Instance { get; } = new();
    }

    /// <summary>The kernel wants to send the core of a process.</summary>
    public sealed record CoreArrived(CoreOffer Offer);

    /// <summary>The program of the kernel's pipe offers its core, and waits for the answer.</summary>
    /// <param name="Connection">Gets the answer (<see cref="CoreHandOver"/>), and is closed.</param>
    /// <param name="Offer">The core.</param>
    /// <param name="At">The time of the crash.</param>
    public sealed record CoreGiven(FileHandle Connection, CoreOffer Offer, DateTimeOffset At);

    /// <summary>A copy is over.</summary>
    public sealed record CopyEnded(Crash Crash, CopyResult Result);

    /// <summary>A copy ended with a bug.</summary>
    public sealed record CopyBroke(Crash Crash, Exception Bug);

    /// <summary>Send the state to a connection, and close it.</summary>
    public sealed record StatusAsked(FileHandle Connection);

    /// <summary>Read the settings again.</summary>
    public sealed record Reload
    {
        public static Reload Instance { get; } = new();
    }

    /// <summary>End; the second time at once.</summary>
    public sealed record StopServer
    {
        public static StopServer Instance { get; } = new();
    }

    /// <summary>The running copy has had its time to end.</summary>
    public sealed record StopTimePassed
    {
        public static StopTimePassed Instance { get; } = new();
    }

    /// <summary>Some crash may have waited too long.</summary>
    public sealed record LookForLate
    {
        public static LookForLate Instance { get; } = new();
    }

    /// <summary>Tell the service manager that the server lives.</summary>
    public sealed record TellAlive
    {
        public static TellAlive Instance { get; } = new();
    }
}
