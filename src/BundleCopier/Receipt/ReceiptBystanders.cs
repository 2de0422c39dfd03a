
namespace BundleCopier.Receipt;

/// <summary>
/// What a run was to everybody else on the machine. Figures of the whole machine hold what others did meanwhile; a
/// figure that the kernel does not tell is left out.
/// </summary>
public sealed record ReceiptBystanders
{
    /// <summary>
    /// How long tasks waited for memory, the copy's own waiting included; null where the kernel has no PSI.
    /// </summary>
    public ReceiptStall? MemoryStallMs { get; init; }

    /// <summary>
    /// How long tasks waited for a disk, the copy's own waiting included; null where the kernel has no PSI.
    /// </summary>
    public ReceiptStall? IoStallMs { get; init; }

    /// <summary>
    /// How much of the bundle's files was in the page cache at the end, in bytes; the same as in <see
    /// cref="ReceiptResources"/>.
    /// </summary>
    public long? DestinationCachedBytes { get; init; }

    /// <summary>By how much the machine's shared memory grew, in bytes; negative when it shrank.</summary>
    public long? TmpfsGrowthBytes { get; init; }

    /// <summary>
    /// The most page cache that waited to be written or was being written, in bytes, seen every 100 ms.
    /// </summary>
    public long? DirtyPeakBytes { get; init; }

    /// <summary>The least memory that was available to programs, in bytes, seen every 100 ms.</summary>
    public long? MemAvailableLowBytes { get; init; }

    /// <summary>The process's largest resident set, in bytes; the same as in <see cref="ReceiptResources"/>.</summary>
    public required long PeakRssBytes { get; init; }

    /// <summary>The most that the process's page tables took, in bytes, seen every 100 ms.</summary>
    public required long PageTablePeakBytes { get; init; }

    /// <summary>
    /// Times that a thread of the process had to wait while it copied until a page was read from a disk.
    /// </summary>
    public required long MajorFaults { get; init; }

    /// <summary>How the copy was held back for them; null in receipts that do not tell.</summary>
    public ReceiptGovernor? Governor { get; init; }

    /// <summary>What a neighbour felt; null when nobody asked.</summary>
    public ReceiptCanary? Canary { get; init; }
}

/// <summary>Time in which tasks waited, in milliseconds (PSI).</summary>
/// <param name="Some">At least one task did.</param>
/// <param name="Full">All that had work did; null where the kernel does not tell.</param>
public sealed record ReceiptStall(double Some, double? Full = null);

/// <summary>How long small things took, before the copy and while it ran.</summary>
/// <param name="Write">4 KiB written to the destination's disk, and fdatasync.</param>
/// <param name="ForkExec">A program that does nothing started, until it has ended.</param>
public sealed record ReceiptCanary(ReceiptProbe Write, ReceiptProbe ForkExec);

/// <summary>One of a canary's probes.</summary>
public sealed record ReceiptProbe
{
    /// <summary>Before the copy; null when it could not be measured.</summary>
    public ReceiptLatencies? Before { get; init; }

    /// <summary>While the copy ran; null when it could not be measured, or was over too soon.</summary>
    public ReceiptLatencies? During { get; init; }

    /// <summary>Why a probe could not be made, the first time that one could not: an errno's name.</summary>
    public string? Error { get; init; }
}

/// <summary>How long something took, in milliseconds.</summary>
/// <param name="Count">How often it was measured.</param>
/// <param name="P50Ms">Half of them took no longer.</param>
/// <param name="P99Ms">99 % of them took no longer.</param>
/// <param name="MaxMs">None took longer.</param>
public sealed record ReceiptLatencies(int Count, double P50Ms, double P99Ms, double MaxMs);
