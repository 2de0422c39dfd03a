using System.Numerics;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Govern;

/// <summary>
/// The control law: it sets a copy's limits so that other programs do not notice the copy. Additive increase and
/// multiplicative decrease of the data in flight to the disk; when that is at its minimum, of the rate. Other programs
/// show in three measurements that cost nothing: the latency of the copy's own writes against the best latency seen
/// (the idea of LEDBAT, RFC 6817), the kernel's counters of stalls, and the processor time that the copy's threads
/// get. Pure: time and measurements are given, ten times a second.
/// </summary>
internal sealed class Governor
{
    // One slow tick can come from an interrupt or the hypervisor; two in a row mean that another program is active.
    private const int TicksOfStrain = 2;
    private const int TicksOfCalm = 2;

    // Writes that were in flight when the limits changed still end under the old limits.
    private const int TicksToSettle = 2;

    // The kernel counts a wait when it is over, up to a third of a second late on busy processors (measured). In a
    // shorter period, each such wait would look like starving.
    private const long StarvingUs = 1_000_000;

    // Two ticks can come close together after the supervisor was held up; such a short period tells nothing of rates.
    private const long ShortestTickUs = 50_000;

    // A compressed segment takes two leases; with fewer no segment could start.
    private const int MinSpareLeases = 2;
    private const double Decrease = 0.5;
    private const double RateDecrease = 0.7;
    private const double RateIncrease = 0.1;

    // The window grows from its minimum to its maximum in at most eight steps, and so does the rate.
    private const int Steps = 8;
    private const double MemoryStrain = 0.1;
    private const double OthersIoStrain = 0.6;
    private const double NotableIoStall = 0.1;

    // Shares of the time in which threads waited for a processor. A thread that waits for less than half of the time
    // is disturbed, but does not starve.
    private const double Starving = 0.5;
    private const double LateLooks = 0.4;
    private const long AmpleMemoryBytes = 4L << 30;

    // Half of the available memory stays for other programs, and at least this much.
    private const long MemoryReserveBytes = 32L << 20;
    private const double RateSmoothing = 0.3;
    private const int FirstRaiseTicks = 50;
    private const int LongestRaiseTicks = 400;

    private readonly ProfileLimits limits;

    // The window is divided by the number of pieces.
    private readonly int windowStepBytes;
    private readonly int processors;
    private readonly int readers;
    private readonly int maxLeases;
    private readonly long minRateBytes;
    private readonly long ownMemoryBytes;
    private readonly LatencyScale scale;
    private long windowBytes;
    private double? limitBytes;
    private Strain? heldBackBy;
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
    /// <param name="processors">Number of processors.</param>
    /// <param name="readers">Number of readers.</param>
    /// <param name="maxLeases">Number of leases.</param>
    /// <param name="minRateBytes">A rate below which nothing is limited, in bytes a second.</param>
    /// <param name="ownMemoryBytes">Memory limit of the process, in bytes, where it is below the machine's.</param>
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

    /// <summary>The limits that hold now.</summary>
    public IoLimits Limits { get; private set; }

    /// <summary>Counts of what the governor did.</summary>
    public GovernorTally Tally { get; } = new();

    /// <summary>The governor of a copy.</summary>
    /// <param name="settings">The copy's settings.</param>
    /// <param name="leases">Number of leases.</param>
    /// <param name="ownMemoryBytes">Memory limit of the process, in bytes.</param>
    public static Governor For(CopySettings settings, int leases, long ownMemoryBytes)
    {
        ProfileLimits limits = ProfileLimits.Of(settings.GovernorProfile, settings.WriterThreads);
        // A scheduling class that the user has named is not changed.
        limits = limits with { IsLowered = limits.IsLowered && settings.Scheduling == CpuScheduling.Auto };
        return new Governor(
            limits,
            Environment.ProcessorCount,
            settings.ReaderThreads,
            leases,
            CopySettings.MinRateBytes,
            ownMemoryBytes);
    }

    /// <summary>Takes the measurements of one tick. True when other limits hold now.</summary>
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
        Strain? strain = null;
        if (MemoryStall(tick) > MemoryStrain)
            strain = Strain.Memory;
        else if (inflation > limits.Tolerance && IsLatencyTheDisks(tick))
            strain = Strain.Disk;
        strainTicks = strain is null ? 0 : strainTicks + 1;
        return strainTicks >= TicksOfStrain ? strain : null;
    }

    // While the machine has plenty of memory, a stall comes from a task in a small cgroup of its own. It counts only
    // where the copy itself is in that cgroup.
    private double MemoryStall(in GovernorTick tick) =>
        Math.Min(tick.Host.MemAvailableBytes ?? 0, ownMemoryBytes) > AmpleMemoryBytes ? 0 : tick.MemoryStall;

    // A thread sees the end of its write when it gets a processor. On busy processors that takes longer than the write,
    // so latency counts only while tasks wait for a disk. The kernel does not count waits in io_getevents(2): beside
    // such a program, on busy processors, the copy does not give way.
    private static bool IsLatencyTheDisks(in GovernorTick tick) =>
        tick.Threads.WaitedUs <= LateLooks * tick.ElapsedUs || tick.IoStall is not <= NotableIoStall;

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
        heldBackBy = strain;
        Tally.BackedOff(strain);
    }

    private void Recover(in GovernorTick tick, double inflation)
    {
        // Between calm and strain nothing changes; without that band the limits would swing.
        bool isCalm = inflation <= (1 + limits.Tolerance) / 2 && MemoryStall(tick) < MemoryStrain / 2
            && tick.OthersIoStall < OthersIoStrain;
        calmTicks = isCalm ? calmTicks + 1 : 0;
        if (calmTicks < TicksOfCalm)
            return;
        calmTicks = 0;
        if (limitBytes is { } limit)
            limitBytes = limit + (RateIncrease * bestRateBytes) is var more && more < bestRateBytes ? more : null;
        else
            windowBytes = Math.Min(
                limits.MaxWindowBytes,
                windowBytes + Math.Max(windowStepBytes, Whole((double)limits.MaxWindowBytes / Steps)));
        if (limitBytes is null && windowBytes == limits.MaxWindowBytes)
            heldBackBy = null;
    }

    private void WatchMemory(in GovernorTick tick)
    {
        if (tick.Host.MemAvailableBytes is not { } availableBytes)
            return;
        long spareLeases = Math.Max(0, availableBytes - MemoryReserveBytes) / 2 / SegmentGrid.SegmentBytes;
        // Powers of two below the maximum, so that the limit does not change with every page.
        leases = spareLeases >= maxLeases ? maxLeases
            : Math.Max(1 << BitOperations.Log2((uint)spareLeases), Math.Min(MinSpareLeases, maxLeases));
    }

    private void WatchProcessors()
    {
        if (!limits.IsLowered)
            return;
        if (!isLowered)
        {
            // A thread at its usual priority cannot see whether the processors are free again. Trying costs little, and
            // the tries become rarer.
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

    // More threads than processors wait for processors even on an idle machine.
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
        isLowered)
    {
        HeldBackBy = heldBackBy,
    };

    private long Whole(double bytes) => (long)bytes / windowStepBytes * windowStepBytes;
}
