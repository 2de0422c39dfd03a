using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Tests.Govern;

/// <summary>
/// A model of a disk, its other tenants and the processors: requests wait in one queue, the load of tenants reduces
/// the speed of the disk, measurements are noisy. Seeded; a tick is a tenth of a second, as in production.
/// </summary>
internal sealed class ModelMachine(int seed, double diskBytesASecond, double overheadUs)
{
    private const int TickUs = 100_000;
    private const int Processors = 2;
    private const double BytesAProcessorSecond = 6e9;
    private const double StarvedRun = 0.003;

    private readonly Random random = new(seed);
    private long pieces;
    private HostReading before = new(8L << 30, 1L << 30, 0, 0, 0, 0, 0, 0);
    private long unseenWaitUs;

    /// <summary>The disk's speed, in bytes a second.</summary>
    public double DiskBytesASecond { get; set; } = diskBytesASecond;

    /// <summary>The share of the disk that tenants ask for.</summary>
    public double Tenants { get; set; }

    /// <summary>Other programs use all processors.</summary>
    public bool IsSaturated { get; set; }

    /// <summary>Threads of the copy that do work.</summary>
    public int HungryThreads { get; set; } = 1;

    /// <summary>The longest wait for a processor; it counts when it is over.</summary>
    public int LongestWaitUs { get; set; } = 330_000;

    /// <summary>The share of the time in which a task waits for memory.</summary>
    public double MemoryStall { get; set; }

    /// <summary>The share of the time in which a task waits for a disk.</summary>
    public double IoStall { get; set; } = 0.95;

    public long MemAvailableBytes { get; set; } = 1L << 30;

    public bool KnowsStalls { get; set; } = true;

    /// <summary>The speed that the disk has left for the copy, in bytes a second.</summary>
    public double FreeBytesASecond => DiskBytesASecond * (1 - Tenants);

    /// <summary>The speed of an undisturbed copy under given limits.</summary>
    public double SpeedOf(IoLimits dials)
    {
        double windowBytes = dials.WindowBytes;
        double speed = windowBytes / (overheadUs + (windowBytes * 1e6 / FreeBytesASecond)) * 1e6;
        speed *= !IsSaturated ? 1 : dials.IsLowered ? StarvedRun : 0.5;
        return Math.Min(speed, dials.RateBytes ?? double.MaxValue);
    }

    /// <summary>Runs a tenth of a second of the copy. Returns its speed in bytes a second.</summary>
    public double Pass(Governor governor)
    {
        IoLimits dials = governor.Limits;
        double windowBytes = dials.WindowBytes;
        double latencyUs = overheadUs + (windowBytes * 1e6 / FreeBytesASecond);
        if (IsSaturated)
            latencyUs *= dials.IsLowered ? 30 : 1.5;
        // One tick in twenty is disturbed.
        latencyUs *= (0.9 + (0.2 * random.NextDouble())) * (random.Next(20) == 0 ? 3 : 1);
        double speed = SpeedOf(dials) * (0.95 + (0.1 * random.NextDouble()));
        long bytes = (long)(speed * TickUs / 1e6);
        HostReading now = before with
        {
            MemAvailableBytes = MemAvailableBytes,
            MemorySomeUs = KnowsStalls ? before.MemorySomeUs + (long)(MemoryStall * TickUs) : null,
            IoSomeUs = KnowsStalls ? before.IoSomeUs + (long)(IoStall * TickUs) : null,
        };
        pieces += bytes / dials.PieceBytes;
        // Like WriteStats: too few measurements are kept for the next reading.
        int count = pieces < 3 ? 0 : (int)pieces;
        pieces = count > 0 ? 0 : pieces;
        governor.Observe(
            new GovernorTick(
            new WritesSeen(TickUs, count, count > 0 ? (long)latencyUs : 0, bytes), Threads(dials), before, now));
        before = now;
        return speed;
    }

    private ProcessorTime Threads(IoLimits dials)
    {
        if (!IsSaturated && HungryThreads <= Processors)
        {
            ProcessorTime calm =
                new((long)(SpeedOf(dials) * TickUs / BytesAProcessorSecond), unseenWaitUs + (TickUs / 50));
            unseenWaitUs = 0;
            return calm;
        }

        double share = IsSaturated ? dials.IsLowered ? StarvedRun : 0.5 : (double)Processors / HungryThreads;
        unseenWaitUs += (long)(HungryThreads * (1 - share) * TickUs);
        // A thread that gets a turn has waited. If turns are rare, the wait of many ticks is seen at once.
        long seenUs = share > 0.1 || unseenWaitUs > random.Next(LongestWaitUs) ? unseenWaitUs : 0;
        unseenWaitUs -= seenUs;
        return new ProcessorTime(seenUs > 0 ? (long)(HungryThreads * share * TickUs) : 0, seenUs);
    }

    /// <summary>Runs some seconds of the copy; returns the speed of each tenth of a second.</summary>
    public double[] Run(Governor governor, double seconds) =>
        [.. Enumerable.Range(0, (int)(seconds * 10)).Select(_ => Pass(governor))];

    public static Governor Govern(GovernorProfile profile, int writers = 2, long ownMemoryBytes = long.MaxValue) =>
        new(ProfileLimits.Of(profile, writers), Processors, readers: 2, maxLeases: 8, CopySettings.MinRateBytes,
            ownMemoryBytes);
}
