using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>The calls of the kernel that a simulation can make fail.</summary>
public enum SimOp
{
    OpenSource,
    ListNames,
    OpenDirectory,
    AllocateSlabs,
    Status,
    SeekData,
    SeekHole,
    Read,
    Map,
    CreateDirectory,
    CreateFile,
    Probe,
    Rename,
    RemoveTree,
    Lock,
    SyncDirectory,
    SyncFilesystem,
    ProbeOutputIo,
    Write,
    WriteJournal,
    ReadBack,
    SetLength,
    Reserve,
    PunchHole,
    Settle,
    Sync,
    LockMemory,
    CreateProbe,
    WriteProbe,
    Spawn,
    CreateNameless,
    Identify,
    Lease,
    OpenFile,
    Exchange,
    Measure,
    Look,
    OpenProcess,
    ReadProcess,
}

/// <summary>A bug that the simulation plants in the caller of a call.</summary>
internal sealed class PlantedBugException(string message) : Exception(message);

/// <summary>The faults of a simulated kernel, drawn from a seed or set for the nth call.</summary>
internal sealed class SimFaults(int seed)
{
    private readonly Random random = new(seed);
    private readonly Random parts = new(~seed);
    private readonly Dictionary<SimOp, (double Chance, int Errno)> chances = [];
    private readonly Dictionary<(SimOp Op, int Nth), int> planned = [];
    private readonly Dictionary<SimOp, (int Nth, int Errno)> persistent = [];
    private readonly int[] counts = new int[Enum.GetValues<SimOp>().Length];

    /// <summary>Instead of an errno: the call throws.</summary>
    public const int Throws = -1;

    public int Seed => seed;

    public double ShortReads { get; set; }

    public double ShortWrites { get; set; }

    /// <summary>Short writes may end inside a block.</summary>
    public bool HasRaggedWrites { get; set; }

    public double Interrupts { get; set; }

    /// <summary>The number of a write that reports success and writes nothing; for a test of these tests.</summary>
    public int LosesWrite { get; set; } = -1;

    /// <summary>Decides for each call by its name and offset: an errno, or 0 for none; may throw.</summary>
    public Func<SimOp, string, long, int>? Hook { get; set; }

    /// <summary>Whether a fault other than a delay or a short count has happened.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>Whether a planted bug has happened.</summary>
    public bool HasThrown { get; private set; }

    public int CountOf(SimOp op) => counts[(int)op];

    public SimFaults Sometimes(SimOp op, double chance, int errno)
    {
        chances[op] = (chance, errno);
        return this;
    }

    public SimFaults OnNth(SimOp op, int nth, int errno)
    {
        planned[(op, nth)] = errno;
        return this;
    }

    /// <summary>The nth call and all later ones fail.</summary>
    public SimFaults FromNth(SimOp op, int nth, int errno)
    {
        persistent[op] = (nth, errno);
        return this;
    }

    public SimFaults ThrowOnNth(SimOp op, int nth) => OnNth(op, nth, Throws);

    public Errno Decide(SimOp op, string name, long offset)
    {
        int nth = ++counts[(int)op];
        if (op is SimOp.Read or SimOp.Write or SimOp.ReadBack && random.NextDouble() < Interrupts)
            return new Errno(EINTR);
        int errno = Hook?.Invoke(op, name, offset) ?? 0;
        if (errno == 0 && persistent.TryGetValue(op, out (int Nth, int Errno) from) && nth >= from.Nth)
            errno = from.Errno;
        if (errno == 0 && !planned.TryGetValue((op, nth), out errno))
            errno = chances.TryGetValue(op, out (double Chance, int Errno) drawn)
                && random.NextDouble() < drawn.Chance ? drawn.Errno : 0;
        HasStruck |= errno != 0;
        HasThrown |= errno == Throws;
        if (errno == Throws)
            throw new PlantedBugException($"{op} number {nth} of {name}");
        return new Errno(errno);
    }

    /// <summary>A write that fails with this error may have written some of its blocks.</summary>
    public bool LeavesPart(Errno error) =>
        (error.Code == EIO || error.Code == ENOSPC || error.Code == EDQUOT || error.Code == ETIMEDOUT)
        && parts.Next(2) == 0;

    /// <summary>Whether a block of such a write was written.</summary>
    public bool KeepsBlock() => parts.Next(2) == 0;

    public int ShortenRead(int length, int unit) => Shorten(length, unit, ShortReads);

    public int ShortenWrite(int length) => Shorten(length, HasRaggedWrites ? 1 : SimPages.PageBytes, ShortWrites);

    private int Shorten(int length, int unit, double chance) =>
        length > unit && random.NextDouble() < chance ? Math.Max(unit, random.Next(1, length) / unit * unit) : length;
}
