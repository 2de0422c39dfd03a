using BundleCopier.Manifest;
using BundleCopier.Settings;

namespace BundleCopier;

/// <summary>
/// Copies bundles. This is what code that asks for copies depends on; <see cref="CopyEngine"/> implements it, and a
/// test can put its own in place. Safe on any thread.
/// </summary>
public interface IBundleCopier
{
    /// <summary>
    /// Starts a copy with the settings of the copier and returns at once. Errors of files and disks do not throw; they
    /// are in <see cref="IRunningCopy.Completion"/>.
    /// </summary>
    /// <param name="manifest">What to copy, and where to; its destination must be set.</param>
    /// <param name="stop">Ends the copy early, as <see cref="IRunningCopy.CancelAsync"/> does.</param>
    IRunningCopy Start(BundleManifest manifest, CancellationToken stop = default);

    /// <summary>The copies that run and that wait, and the budget that they share.</summary>
    EngineState State { get; }

    /// <summary>Starts a copy with settings of its own.</summary>
    /// <param name="manifest">What to copy, and where to; its destination must be set.</param>
    /// <param name="settings">How to copy.</param>
    /// <param name="stop">Ends the copy early, as <see cref="IRunningCopy.CancelAsync"/> does.</param>
    IRunningCopy Start(BundleManifest manifest, CopySettings settings, CancellationToken stop = default);
}
