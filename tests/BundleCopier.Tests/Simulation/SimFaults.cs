using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>The calls of the seam that a simulation can make fail.</summary>
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
}

/// <summary>A bug that the simulation plants into whoever called it.</summary>
internal sealed class PlantedBugException(string message) : Exception(message);

/// <summary>What goes wrong in a simulated world, drawn from one seed or set for the nth call.</summary>
internal sealed class SimFaults(int seed)
{
    private readonly Random random = new(seed);
    private readonly Dictionary<SimOp, (double Chance, int Errno)> chances = [];
    private readonly Dictionary<(SimOp Op, int Nth), int> planned = [];
    private readonly int[] counts = new int[Enum.GetValues<SimOp>().Length];

    private const int Throws = -1;

    public int Seed => seed;

    public double ShortReads { get; set; }

    public double ShortWrites { get; set; }

    /// <summary>Short writes may end inside a block.</summary>
    public bool HasRaggedWrites { get; set; }

    public double Interrupts { get; set; }

    /// <summary>The write that only pretends: what a test of the tests uses.</summary>
    public int LosesWrite { get; set; } = -1;

    /// <summary>Decides for one call by its place: an errno, 0 for none; may throw.</summary>
    public Func<SimOp, string, long, int>? Hook { get; set; }

    /// <summary>Something other than delays and short counts was drawn.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>A bug was planted and struck.</summary>
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

    public SimFaults ThrowOnNth(SimOp op, int nth) => OnNth(op, nth, Throws);

    public Errno Decide(SimOp op, string name, long offset)
    {
        int nth = ++counts[(int)op];
        if (op is SimOp.Read or SimOp.Write or SimOp.ReadBack && random.NextDouble() < Interrupts)
            return new Errno(EINTR);
        int errno = Hook?.Invoke(op, name, offset) ?? 0;
        if (errno == 0 && !planned.TryGetValue((op, nth), out errno))
            errno = chances.TryGetValue(op, out (double Chance, int Errno) drawn)
                && random.NextDouble() < drawn.Chance ? drawn.Errno : 0;
        HasStruck |= errno != 0;
        HasThrown |= errno == Throws;
        if (errno == Throws)
            throw new PlantedBugException($"{op} number {nth} of {name}");
        return new Errno(errno);
    }

    public int ShortenRead(int length, int unit) => Shorten(length, unit, ShortReads);

    public int ShortenWrite(int length) => Shorten(length, HasRaggedWrites ? 1 : SimPages.PageBytes, ShortWrites);

    private int Shorten(int length, int unit, double chance) =>
        length > unit && random.NextDouble() < chance ? Math.Max(unit, random.Next(1, length) / unit * unit) : length;
}
