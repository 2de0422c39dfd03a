namespace BundleCopier.Receipt;

/// <summary>The rules for a receipt's section about bystanders.</summary>
internal static class BystanderRules
{
    /// <summary>The first field that cannot be right, and why; null when all can.</summary>
    public static (string Field, string Problem)? Problem(ReceiptBystanders? bystanders)
    {
        if (bystanders is null)
            return null;
        // All are sizes, counts or times. tmpfsGrowthBytes is not among them, because it can be negative.
        (string Field, double? Value)[] figures =
        [
            .. Of("memoryStallMs", bystanders.MemoryStallMs),
            .. Of("ioStallMs", bystanders.IoStallMs),
            ("destinationCachedBytes", bystanders.DestinationCachedBytes),
            ("dirtyPeakBytes", bystanders.DirtyPeakBytes),
            ("memAvailableLowBytes", bystanders.MemAvailableLowBytes),
            ("peakRssBytes", bystanders.PeakRssBytes),
            ("pageTablePeakBytes", bystanders.PageTablePeakBytes),
            ("majorFaults", bystanders.MajorFaults),
            ("governor.diskBackOffs", bystanders.Governor?.DiskBackOffs),
            ("governor.memoryBackOffs", bystanders.Governor?.MemoryBackOffs),
            ("governor.starvations", bystanders.Governor?.Starvations),
            ("governor.leastWindowBytes", bystanders.Governor?.MinWindowBytes),
            ("governor.mostWindowBytes", bystanders.Governor?.MaxWindowBytes),
            ("governor.leastRateBytes", bystanders.Governor?.MinRateBytes),
            .. Of("canary.write", bystanders.Canary?.Write),
            .. Of("canary.forkExec", bystanders.Canary?.ForkExec),
        ];
        foreach ((string field, double? value) in figures)
        {
            // 1e999 is valid JSON, and is parsed as infinity.
            if (value is { } number && (number < 0 || !double.IsFinite(number)))
                return ($"bystanders.{field}", $"is {number}");
        }

        return null;
    }

    private static (string Field, double? Value)[] Of(string field, ReceiptStall? stall) =>
        stall is null ? [] : [($"{field}.some", stall.Some), ($"{field}.full", stall.Full)];

    private static (string Field, double? Value)[] Of(string field, ReceiptProbe? probe) =>
        probe is null ? [] : [.. Of($"{field}.before", probe.Before), .. Of($"{field}.during", probe.During)];

    private static (string Field, double? Value)[] Of(string field, ReceiptLatencies? latencies) => latencies is null
        ? []
        :
        [
            ($"{field}.count", latencies.Count),
            ($"{field}.p50Ms", latencies.P50Ms),
            ($"{field}.p99Ms", latencies.P99Ms),
            ($"{field}.maxMs", latencies.MaxMs),
        ];
}
