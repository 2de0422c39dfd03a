namespace BundleCopier;

/// <summary>A bundle that was removed after a commit.</summary>
/// <param name="Path">The path that it had.</param>
/// <param name="Reason">Why it was removed.</param>
/// <param name="SizeBytes">The space that it used; null where that was not measured.</param>
/// <param name="FinishedAt">When its copy ended; null where that is not known.</param>
public sealed record RemovedBundle(string Path, RemovalReason Reason, long? SizeBytes, DateTimeOffset? FinishedAt);
