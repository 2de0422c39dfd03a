using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Observe;
using BundleCopier.Settings;

namespace BundleCopier.Supervise;

/// <summary>Everything a supervisor needs to run one copy.</summary>
/// <param name="Manifest">What to copy; its destination is set.</param>
/// <param name="Settings">How.</param>
/// <param name="Kernel">On what.</param>
/// <param name="IoDispatcher">The dispatcher of the copy's actors, which block in system calls.</param>
/// <param name="Progress">Told how far the copy is; null where there is no observer.</param>
/// <param name="Stop">Cancelled when the copy shall end early.</param>
/// <param name="SystemEnds">Cancelled when the actor system begins to shut down.</param>
internal sealed record CopyJob(
    BundleManifest Manifest,
    CopySettings Settings,
    IKernel Kernel,
    string IoDispatcher,
    IProgress<CopyProgress>? Progress,
    CancellationToken Stop,
    CancellationToken SystemEnds = default)
{
    /// <summary>Some file may become an LZ4 stream.</summary>
    public bool CompressesAnything =>
        Settings.Compression != Compression.None
            || Settings.DestinationWhenFull == WhenFull.Compress
            || Manifest.Files.Any(f => f.Compression is not (null or Compression.None));

    /// <summary>A worker of this copy, on a thread that steps back behind others before it does anything.</summary>
    public Props Worker<TActor>(Func<TActor> make)
        where TActor : ActorBase => Produced<TActor>.By(() =>
        {
            ThreadCourtesy.Show(Kernel, Settings);
            // A thread that relieves one that hangs is as courteous.
            if (WorkThread.Current is { } thread)
                thread.AtStart = () => ThreadCourtesy.Show(Kernel, Settings);
            return make();
        }).WithDispatcher(IoDispatcher);

    /// <summary>What tracing shows of the copy.</summary>
    public CopySpan Span { get; } = new(Manifest.Bundle);

    /// <summary>
    /// Completed once, when the copy is over and everything it used has been given back, but for what hangs.
    /// </summary>
    public TaskCompletionSource<CopyResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
