namespace BundleCopier.Benchmarks.Running;

/// <summary>What one run took, and what of its output it left in the page cache.</summary>
public sealed record Measurement(double Seconds, double CpuSeconds, long PeakRssBytes, long CachedBytes);
