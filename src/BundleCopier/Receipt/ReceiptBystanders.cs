namespace BundleCopier.Receipt;

/// <summary>
/// What a run meant for other programs on the machine. Figures of the whole machine include what other programs did
/// meanwhile. A figure that the kernel does not tell is left out.
/// </summary>
public sealed record ReceiptBystanders
{
    /// <summary>How long tasks waited for memory, the copy's own threads included; null without PSI.</summary>
    public ReceiptStall? MemoryStallMs { get; init; }

    /// <summary>How long tasks waited for a disk, the copy's own threads included; null without PSI.</summary>
    public ReceiptStall? IoStallMs { get; init; }

    /// <summary>
    /// How many bytes of the bundle's files were in the page cache at the end, as in <see cref="ReceiptResources"/>.
    /// </summary>
    public long? DestinationCachedBytes { get; init; }

    /// <summary>The growth of the machine's shared memory in bytes; negative when it shrank.</summary>
    public long? TmpfsGrowthBytes { get; init; }

    /// <summary>The largest amount of dirty page cache and writeback, in bytes, read every 100 ms.</summary>
    public long? DirtyPeakBytes { get; init; }

    /// <summary>The smallest amount of memory that was available to programs, in bytes, read every 100 ms.</summary>
    public long? MemAvailableLowBytes { get; init; }

    /// <summary>The process's largest resident set, in bytes, as in <see cref="ReceiptResources"/>.</summary>
    public required long PeakRssBytes { get; init; }

    /// <summary>The largest size of the process's page tables, in bytes, read every 100 ms.</summary>
    public required long PageTablePeakBytes { get; init; }

    /// <summary>
    /// How often a thread of the process waited for a page that was read from a disk, while it copied.
    /// </summary>
    public required long MajorFaults { get; init; }

    /// <summary>How the copy was held back; null in receipts of earlier versions.</summary>
    public ReceiptGovernor? Governor { get; init; }

    /// <summary>The measurements of the canary; null without one.</summary>
    public ReceiptCanary? Canary { get; init; }
}

/// <summary>Time in which tasks waited, in milliseconds (PSI).</summary>
/// <param name="Some">At least one task waited.</param>
/// <param name="Full">All tasks with work waited; null where the kernel does not tell.</param>
public sealed record ReceiptStall(double Some, double? Full = null);

/// <summary>How long small operations took, before the copy and during it.</summary>
/// <param name="Write">A write of 4 KiB to the destination's disk, with fdatasync.</param>
/// <param name="ForkExec">Starting a program that does nothing, until it has ended.</param>
public sealed record ReceiptCanary(ReceiptProbe Write, ReceiptProbe ForkExec);

/// <summary>One of a canary's probes.</summary>
public sealed record ReceiptProbe
{
    /// <summary>Before the copy; null when it could not be measured.</summary>
    public ReceiptLatencies? Before { get; init; }

    /// <summary>During the copy; null when it could not be measured, or the copy was too short.</summary>
    public ReceiptLatencies? During { get; init; }

    /// <summary>The errno's name of the first probe that failed; null when none did.</summary>
    public string? Error { get; init; }
}

/// <summary>How long an operation took, in milliseconds.</summary>
/// <param name="Count">The number of measurements.</param>
/// <param name="P50Ms">The 50th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
/// <param name="MaxMs">The longest time.</param>
public sealed record ReceiptLatencies(int Count, double P50Ms, double P99Ms, double MaxMs);
