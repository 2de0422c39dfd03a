namespace BundleCopier.Benchmarks.Running;

/// <summary>The cost of one run, and the part of its output that stayed in the page cache.</summary>
public sealed record Measurement(double Seconds, double CpuSeconds, long PeakRssBytes, long CachedBytes);
