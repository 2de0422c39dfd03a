using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>A crash that the server has to save.</summary>
/// <param name="Id">Its number, in the order of arrival.</param>
/// <param name="Name">What people call it: the manifest's file, or the program and the process of a core.</param>
/// <param name="Priority">Higher ones first.</param>
/// <param name="UserId">The user whose crash it is; no user keeps the server from the crashes of another.</param>
/// <param name="ArrivedMs">When it came, on the monotonic clock.</param>
internal abstract record Crash(long Id, string Name, int Priority, uint UserId, long ArrivedMs)
{
    /// <summary>A process waits in the kernel until its crash is saved.</summary>
    public abstract bool HoldsProcess { get; }

    /// <summary>A manifest in the spool.</summary>
    public sealed record Manifest(long Id, string Name, int Priority, uint UserId, long ArrivedMs)
        : Crash(Id, Name, Priority, UserId, ArrivedMs)
    {
        public override bool HoldsProcess => false;
    }

    /// <summary>A process whose core the kernel wants to send.</summary>
    public sealed record Core(long Id, CoreOffer Offer, DateTimeOffset At, long ArrivedMs)
        : Crash(Id, NameOf(Offer.Process), 0, Offer.Process.UserId, ArrivedMs)
    {
        public override bool HoldsProcess => true;

        /// <summary>What counts as the same program in a crash loop.</summary>
        public string Program =>
            $"{Offer.Process.Executable ?? Offer.Process.Name}\n{Offer.Process.Group}";

        /// <summary>What the journal is told; read while the process waits.</summary>
        public CrashFacts Facts { get; } = FactsOf(Offer.Process, At);

        private static CrashFacts FactsOf(DumpedProcess process, DateTimeOffset at) => new(
            process.ProcessId,
            process.UserId,
            process.GroupId,
            process.Signal,
            at,
            process.Name,
            process.Executable,
            Environment.MachineName);

        private static string NameOf(DumpedProcess process) => $"{process.Name}[{process.ProcessId}]";
    }
}

/// <summary>How the server's work on a crash ended.</summary>
internal enum CrashEnd
{
    Complete,
    Partial,
    Cancelled,

    /// <summary>The copy ended without a bundle.</summary>
    Failed,

    /// <summary>It was not tried.</summary>
    Refused,
}

/// <summary>Why the server does not try to save a crash.</summary>
internal enum RefusedFor
{
    /// <summary>The manifest is not valid, or its file cannot be trusted.</summary>
    Invalid,

    /// <summary>Too many crashes wait, and this one counts least.</summary>
    QueueFull,

    /// <summary>Its deadline passed while it waited.</summary>
    Late,

    /// <summary>The same program has crashed too often.</summary>
    CrashLoop,

    /// <summary>The user has had his share of crashes or of time.</summary>
    UserLimit,

    /// <summary>The server ends.</summary>
    Stopping,
}
