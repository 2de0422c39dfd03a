using System.Diagnostics.Metrics;

namespace BundleCopier.Observe;

/// <summary>
/// The instruments of all engines of the process (docs/embedding.md). Their names, units and attributes are promises.
/// An instrument that nothing listens to costs a few nanoseconds.
/// </summary>
internal static class EngineMeter
{
    private static readonly Meter Meter = new(
        Telemetry.Name, typeof(EngineMeter).Assembly.GetName().Version?.ToString(3));

    public static UpDownCounter<int> Active { get; } = Meter.CreateUpDownCounter<int>(
        "bundlecopier.copy.active", "{copy}", "Copies that run.");

    public static UpDownCounter<int> Waiting { get; } = Meter.CreateUpDownCounter<int>(
        "bundlecopier.copy.waiting", "{copy}", "Copies that wait for other copies of their engine.");

    public static Histogram<double> CopyDuration { get; } = Meter.CreateHistogram(
        "bundlecopier.copy.duration",
        "s",
        "Time from the start of a copy to its end, with the time that it waited.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.1, .3, 1, 3, 10, 30, 100, 300, 1000] });

    public static UpDownCounter<long> BudgetUsage { get; } = Meter.CreateUpDownCounter<long>(
        "bundlecopier.budget.usage", "By", "The budgets of the copies that run.");

    public static UpDownCounter<long> InFlight { get; } = Meter.CreateUpDownCounter<long>(
        "bundlecopier.data.in_flight", "By", "Data in flight: the part of the budgets that is in use.");

    public static Counter<long> Data { get; } = Meter.CreateCounter<long>(
        "bundlecopier.data.saved", "By", "Data of sources that is on disk, or was found to be zeros.");

    public static Counter<long> Segments { get; } = Meter.CreateCounter<long>(
        "bundlecopier.segments", "{segment}", "Segments that are settled: on disk, or failed.");

    public static Counter<long> Files { get; } = Meter.CreateCounter<long>(
        "bundlecopier.files",
        "{file}",
        "Files that are finished; bundlecopier.file.complete tells whether all was saved.");

    public static Histogram<double> WriteDuration { get; } = Meter.CreateHistogram(
        "bundlecopier.write.duration",
        "s",
        "Latency of a write to the destination.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10],
        });

    public static UpDownCounter<long> Window { get; } = Meter.CreateUpDownCounter<long>(
        "bundlecopier.governor.window",
        "By",
        "The most data in flight to disks that the governors of all copies allow.");

    public static Counter<long> BackOffs { get; } = Meter.CreateCounter<long>(
        "bundlecopier.governor.back_offs",
        "{back_off}",
        "How often governors have lowered the limits; bundlecopier.resource is what others needed.");

    public static Counter<long> Stalls { get; } = Meter.CreateCounter<long>(
        "bundlecopier.stalls",
        "{call}",
        "System calls that did not return for a second (source), or for stall-timeout (destination).");

    public static Counter<long> WorkerFailures { get; } = Meter.CreateCounter<long>(
        "bundlecopier.worker.failures", "{failure}", "Workers that have met a bug; their segments are copied again.");
}
