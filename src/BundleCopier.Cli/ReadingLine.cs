using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary>
/// The progress of reading one bundle back, on the same line and by the same rules as that of a copy. It is erased when
/// the bundle is done.
/// </summary>
internal sealed class ReadingLine : IDisposable
{
    private readonly ProgressPump pump;

    private ReadingLine(ProgressPump pump) => this.pump = pump;

    /// <summary>Gets the progress; null where it is not shown.</summary>
    public IProgress<RestoreProgress>? Sink => pump.Sink is { } sink ? new Translation(sink) : null;

    public static ReadingLine Start(ProgressWish wish, bool isQuiet) =>
        new(ProgressPump.Start(StatusLine.Start(wish, isQuiet)));

    // Nothing else waits for this thread.
    public void Dispose() => pump.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>The words of the line are those of a copy.</summary>
    public static CopyProgress AsCopy(RestoreProgress reading) => new(
        CopyPhase.Copying,
        reading.FilesDone,
        FilesIncomplete: 0,
        reading.FilesTotal,
        reading.StoredBytes,
        reading.StoredBytesTotal,
        InFlightBytes: 0,
        reading.Elapsed)
    {
        CurrentFile = reading.CurrentFile,
    };

    private sealed class Translation(IProgress<CopyProgress> to) : IProgress<RestoreProgress>
    {
        public void Report(RestoreProgress value) => to.Report(AsCopy(value));
    }
}
