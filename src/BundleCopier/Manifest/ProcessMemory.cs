namespace BundleCopier.Manifest;

/// <summary>The shared memory of a process: one entry of a manifest for all of it.</summary>
/// <param name="Pid">The number of the process.</param>
/// <param name="Include">
/// Patterns of which one must match the name of a mapping; null for all mappings.
/// </param>
/// <param name="Exclude">Patterns of which none may match; null for none.</param>
public sealed record ProcessMemory(
    int Pid, IReadOnlyList<string>? Include = null, IReadOnlyList<string>? Exclude = null);
