namespace BundleCopier.Benchmarks.Running;

/// <summary>A measurement failed. The message says why; a stack trace is not useful.</summary>
public sealed class MeasurementException(string message) : Exception(message);
