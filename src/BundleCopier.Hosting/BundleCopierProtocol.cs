using BundleCopier.Manifest;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>
/// Asks the bundle copier of this actor system for a copy. It answers once, with <see cref="BundleCopied"/>, when the
/// copy has ended.
/// </summary>
/// <param name="Manifest">What to copy, and where to; its destination must be set.</param>
/// <param name="Settings">The settings; null for those of the application.</param>
/// <param name="Progress">
/// Gets the progress every <c>progress-interval</c>, on a thread of the system; must not block. Null for none.
/// </param>
/// <param name="Stop">
/// The way to end the copy early. Files that are complete are committed with the status <c>cancelled</c>.
/// </param>
public sealed record CopyBundle(
    BundleManifest Manifest,
    CopySettings? Settings = null,
    IProgress<CopyProgress>? Progress = null,
    CancellationToken Stop = default);

/// <summary>A copy has ended.</summary>
/// <param name="Manifest">What was asked for.</param>
/// <param name="Result">How it ended.</param>
public sealed record BundleCopied(BundleManifest Manifest, CopyResult Result);

/// <summary>The key of the bundle copier's actor in the <see cref="Akka.Hosting.ActorRegistry"/>.</summary>
public sealed class BundleCopierKey
{
    private BundleCopierKey()
    {
    }
}
