using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Govern;

/// <summary>
/// Measures what another program would feel: how long a small durable write to the destination's disk takes, and how
/// long it takes to start a program. It measures shortly before the copy and during the copy. Synchronous; each call
/// of <see cref="Probe"/> makes each probe once. A probe that fails costs its figures, never the copy.
/// </summary>
internal sealed class Canary(IKernel kernel, string destination) : IDisposable
{
    private const int BeforeMs = 300;
    private const int MaxProbesBefore = 20;
    private const int GapBeforeMs = BeforeMs / MaxProbesBefore;
    private const int GapMs = 50;

    private readonly Gauge write = new();
    private readonly Gauge forkExec = new();
    private IProbeFile? file;
    private bool isWarm;
    private int probesBefore;
    private long startMs;
    private long probedMs;

    /// <summary>What it is like without the copy is known: the copy may begin.</summary>
    public bool IsReady { get; private set; }

    /// <summary>
    /// How long to wait before the next probe: they begin at regular intervals as long as they do not take longer
    /// than that.
    /// </summary>
    public int DelayMs => (int)Math.Clamp(probedMs + (IsReady ? GapMs : GapBeforeMs) - kernel.MonotonicMs, 1, GapMs);

    public void Probe()
    {
        if (!isWarm)
            WarmUp();
        probedMs = kernel.MonotonicMs;
        if (file is not null)
            Measure(write, file.WriteAndSync);
        Measure(forkExec, kernel.SpawnAndReap);
        if (!IsReady)
            IsReady = ++probesBefore >= MaxProbesBefore || kernel.MonotonicMs - startMs >= BeforeMs;
    }

    public ReceiptCanary Report() => new(write.Report(), forkExec.Report());

    public void Dispose() => file?.Dispose();

    // The first of each finds cold caches, and among twenty it would be the p99.
    private void WarmUp()
    {
        isWarm = true;
        startMs = kernel.MonotonicMs;
        write.Take(OpenFile());
        write.Take(file?.WriteAndSync() ?? IoResult.Done);
        forkExec.Take(kernel.SpawnAndReap());
    }

    private IoResult OpenFile()
    {
        if (!kernel.OpenDirectory(destination).Try(out IDirectory? directory, out Errno error))
            return IoResult.Failed(error);
        using (directory)
            return directory.CreateProbe().Try(out file, out error) ? IoResult.Done : IoResult.Failed(error);
    }

    private void Measure(Gauge gauge, Func<IoResult> probe)
    {
        bool isBefore = !IsReady;
        long startUs = kernel.MonotonicUs;
        IoResult result = probe();
        long elapsedUs = kernel.MonotonicUs - startUs;
        gauge.Take(result);
        if (result.IsOk)
            (isBefore ? gauge.Before : gauge.During).Add(elapsedUs);
    }

    /// <summary>
    /// One kind of probe: how long those took that could be made, and why the first could not be that could not.
    /// </summary>
    private sealed class Gauge
    {
        private Errno error;

        public LatencyHistogram Before { get; } = new();

        public LatencyHistogram During { get; } = new();

        public void Take(IoResult result) => error = error.IsError ? error : result.Error;

        public ReceiptProbe Report() =>
            new() { Before = Before.Report(), During = During.Report(), Error = error.IsError ? error.Name : null };
    }
}
