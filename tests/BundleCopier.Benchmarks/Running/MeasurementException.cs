namespace BundleCopier.Benchmarks.Running;

/// <summary>A measurement that cannot be had. The message says what happened, and is all there is to say.</summary>
public sealed class MeasurementException(string message) : Exception(message);
