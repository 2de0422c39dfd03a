using System.Numerics;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Govern;

/// <summary>
/// The control law: turns a copy's dials so that neighbours do not feel it. Additive increase, multiplicative
/// decrease, of the data in flight to the disk first and, where that is at its least, of the rate. What tells it that
/// somebody else is there costs nothing: the copy's own writes, which wait in the same queue, against the best that
/// they have been (the idea of LEDBAT, RFC 6817), and the kernel's count of stalls and of what the copy's threads
/// get. Pure: time and measurements are given, ten times a second.
/// </summary>
internal sealed class Governor
{
    // A single tick may be any interrupt or hypervisor; two in a row are somebody.
    private const int TicksOfStrain = 2;
    private const int TicksOfCalm = 2;

    // What was under way when the dials were turned still comes home by the old ones.
    private const int TicksToSettle = 2;

    // Waits are counted when they are over, in leaps of up to a third of a second between busy processors (measured):
    // a shorter look would take each for starving.
    private const long StarvingUs = 1_000_000;

    // Two looks so close together, because the supervisor was held up, say nothing about rates.
    private const long ShortestTickUs = 50_000;

    // A compressed segment takes two, and without them nothing would set out.
    private const int FewestLeases = 2;
    private const double Decrease = 0.5;
    private const double RateDecrease = 0.7;
    private const double RateIncrease = 0.1;

    // From the least window to the most, and from the least rate to none: each in eight steps at most.
    private const int Steps = 8;
    private const double MemoryStrain = 0.1;
    private const double OthersIoStrain = 0.6;
    private const double IoOfNote = 0.1;

    // Shares of the time in which threads waited for a processor: who waits for less than half of it is disturbed,
    // and does not starve.
    private const double Starving = 0.5;
    private const double LateLooks = 0.4;
    private const long AmpleMemoryBytes = 4L << 30;

    // Half of what is left stays for others, and this much of it in any case.
    private const long MemoryReserveBytes = 32L << 20;
    private const double RateSmoothing = 0.3;
    private const int FirstRaiseTicks = 50;
    private const int LongestRaiseTicks = 400;

    private readonly ProfileLimits limits;

    // A window is shared by pieces.
    private readonly int windowStepBytes;
    private readonly int processors;
    private readonly int readers;
    private readonly int maxLeases;
    private readonly long minRateBytes;
    private readonly long ownMemoryBytes;
    private readonly LatencyScale scale;
    private long windowBytes;
    private double? limitBytes;
    private double rateBytes;
    private double bestRateBytes;
    private int strainTicks;
    private int calmTicks;
    private int settleTicks;
    private long lookedUs;
    private ProcessorTime looked;
    private int raisedTicks;
    private int nextRaiseTicks = FirstRaiseTicks;
    private int leases;
    private bool isLowered;

    /// <param name="limits">The profile.</param>
    /// <param name="processors">Processors that there are.</param>
    /// <param name="readers">Readers that there are.</param>
    /// <param name="maxLeases">Leases that there are.</param>
    /// <param name="minRateBytes">A rate below which nothing is limited, in bytes a second.</param>
    /// <param name="ownMemoryBytes">What the process may have, where that is less than the machine has.</param>
    public Governor(
        ProfileLimits limits, int processors, int readers, int maxLeases, long minRateBytes, long ownMemoryBytes)
    {
        this.ownMemoryBytes = ownMemoryBytes;
        this.limits = limits;
        windowStepBytes = limits.Pieces * LatencyScale.StepBytes;
        this.processors = processors;
        this.readers = readers;
        this.maxLeases = maxLeases;
        this.minRateBytes = minRateBytes;
        scale = new LatencyScale(limits.MaxWindowBytes);
        windowBytes = limits.MaxWindowBytes;
        leases = maxLeases;
        isLowered = limits.IsLowered;
        Limits = Compute();
        Tally.Limited(Limits);
    }

    /// <summary>How to set the dials.</summary>
    public IoLimits Limits { get; private set; }

    /// <summary>What it did.</summary>
    public GovernorTally Tally { get; } = new();

    /// <summary>The governor of a copy.</summary>
    /// <param name="settings">The copy's.</param>
    /// <param name="leases">Leases that there are.</param>
    /// <param name="ownMemoryBytes">What the process may have.</param>
    public static Governor For(CopySettings settings, int leases, long ownMemoryBytes)
    {
        ProfileLimits limits = ProfileLimits.Of(settings.GovernorProfile, settings.WriterThreads);
        // Whoever names a scheduling class has decided.
        limits = limits with { IsLowered = limits.IsLowered && settings.Scheduling == CpuScheduling.Auto };
        return new Governor(
            limits,
            Environment.ProcessorCount,
            settings.ReaderThreads,
            leases,
            CopySettings.MinRateBytes,
            ownMemoryBytes);
    }

    /// <summary>Time has passed. True when the dials are set differently now.</summary>
    public bool Observe(in GovernorTick tick)
    {
        lookedUs += tick.ElapsedUs;
        looked += tick.Threads;
        if (tick.ElapsedUs < ShortestTickUs)
            return false;
        rateBytes += RateSmoothing * (tick.RateBytes - rateBytes);
        bestRateBytes =
            Math.Max(limitBytes is null ? bestRateBytes / LatencyScale.ForgottenATick : bestRateBytes, rateBytes);
        WatchMemory(tick);
        WatchProcessors();
        double? inflation = tick.Seen.Count > 0 ? scale.Inflation(Limits.WindowBytes, tick.Seen.MedianUs) : null;
        if (settleTicks > 0)
            settleTicks--;
        else if (FindStrain(tick, inflation) is { } strain)
            BackOff(strain);
        else if (inflation is { } known)
            Recover(tick, known);
        return Apply();
    }

    private Strain? FindStrain(in GovernorTick tick, double? inflation)
    {
        if (limits.MaxWindowBytes == limits.MinWindowBytes)
            return null;
        Strain? strain = MemoryStall(tick) > MemoryStrain ? Strain.Memory : inflation > limits.Tolerance
            && IsLatencyTheDisks(tick) ? Strain.Disk : null;
        strainTicks = strain is null ? 0 : strainTicks + 1;
        return strainTicks >= TicksOfStrain ? strain : null;
    }

    // Somebody may stall in a small cgroup of his own while there is plenty for all others; unless it is the copy's.
    private double MemoryStall(in GovernorTick tick) =>
        Math.Min(tick.Host.MemAvailableBytes ?? 0, ownMemoryBytes) > AmpleMemoryBytes ? 0 : tick.MemoryStall;

    // A write's end is seen when its thread gets a processor: between busy ones that takes longer than the write did.
    // Who waits for a disk by io_getevents(2) is not counted by the kernel; beside him, and only there, the copy does
    // not give way.
    private static bool IsLatencyTheDisks(in GovernorTick tick) =>
        tick.Threads.WaitedUs <= LateLooks * tick.ElapsedUs || tick.IoStall is not <= IoOfNote;

    private void BackOff(Strain strain)
    {
        calmTicks = 0;
        strainTicks = 0;
        double minBytes = Math.Max(minRateBytes, limits.MinShare * bestRateBytes);
        if (windowBytes > limits.MinWindowBytes)
            windowBytes = Math.Max(limits.MinWindowBytes, Whole(windowBytes * Decrease));
        else if (limitBytes is null || limitBytes > minBytes)
            limitBytes = Math.Max(minBytes, RateDecrease * (limitBytes ?? rateBytes));
        else
            return;
        settleTicks = TicksToSettle;
        Tally.BackedOff(strain);
    }

    private void Recover(in GovernorTick tick, double inflation)
    {
        // Between calm and strain everything stays as it is: that band is what keeps it from swinging.
        bool isCalm = inflation <= (1 + limits.Tolerance) / 2 && MemoryStall(tick) < MemoryStrain / 2
            && tick.OthersIoStall < OthersIoStrain;
        calmTicks = isCalm ? calmTicks + 1 : 0;
        if (calmTicks < TicksOfCalm)
            return;
        calmTicks = 0;
        if (limitBytes is { } limit)
            limitBytes = limit + (RateIncrease * bestRateBytes) is var more && more < bestRateBytes ? more : null;
        else
            windowBytes =
                Math.Min(
                limits.MaxWindowBytes, windowBytes
                + Math.Max(windowStepBytes, Whole((double)limits.MaxWindowBytes / Steps)));
    }

    private void WatchMemory(in GovernorTick tick)
    {
        if (tick.Host.MemAvailableBytes is not { } availableBytes)
            return;
        long spareLeases = Math.Max(0, availableBytes - MemoryReserveBytes) / 2 / SegmentGrid.SegmentBytes;
        // In powers of two below the most, so that it does not change with every page.
        leases = spareLeases >= maxLeases ? maxLeases
            : Math.Max(1 << BitOperations.Log2((uint)spareLeases), Math.Min(FewestLeases, maxLeases));
    }

    private void WatchProcessors()
    {
        if (!limits.IsLowered)
            return;
        if (!isLowered)
        {
            // Whether there is room again cannot be seen from outside; trying costs little, and ever less often.
            isLowered = --raisedTicks <= 0;
            (lookedUs, looked) = (0, default);
            return;
        }

        if (lookedUs < StarvingUs)
            return;
        bool isStarved = IsStarved();
        (lookedUs, looked) = (0, default);
        if (!isStarved)
            return;
        isLowered = false;
        raisedTicks = nextRaiseTicks;
        nextRaiseTicks = Math.Min(2 * nextRaiseTicks, LongestRaiseTicks);
        Tally.Starved();
    }

    // Threads that are more than the processors are short of them without anybody else.
    private bool IsStarved() =>
        looked.WaitedUs > Starving * lookedUs
        && looked.RanUs < limits.StarvedShare * Math.Min(looked.RanUs + looked.WaitedUs, processors * lookedUs);

    private bool Apply()
    {
        IoLimits computed = Compute();
        if (computed == Limits)
            return false;
        Limits = computed;
        Tally.Limited(computed);
        return true;
    }

    private IoLimits Compute() => new(
        limits.Writers,
        limits.Writers == 1 ? 1 : readers,
        limits.Pieces,
        (int)Math.Max(
            LatencyScale.StepBytes, windowBytes / limits.Pieces / LatencyScale.StepBytes * LatencyScale.StepBytes),
        (long?)limitBytes,
        limits.MaxSegments,
        leases,
        isLowered);

    private long Whole(double bytes) => (long)bytes / windowStepBytes * windowStepBytes;
}
