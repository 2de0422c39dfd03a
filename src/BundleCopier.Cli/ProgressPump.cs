using System.Threading.Channels;

namespace BundleCopier.Cli;

/// <summary>
/// Carries progress from the engine to the status line or the JSON lines. The engine must never wait for a terminal
/// or a pipe, so the channel holds one report, and a newer report replaces it.
/// </summary>
internal sealed class ProgressPump : IAsyncDisposable
{
    private readonly Channel<CopyProgress> reports = Channel.CreateBounded<CopyProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Task shown;

    private ProgressPump(Func<ChannelReader<CopyProgress>, Task>? show)
    {
        shown = show is null ? Task.CompletedTask : Task.Run(() => show(reports.Reader));
        Sink = show is null ? null : new ChannelSink(reports.Writer);
    }

    /// <summary>Receives the engine's reports; null if progress is not shown.</summary>
    public IProgress<CopyProgress>? Sink { get; }

    public static ProgressPump Start(CopyRequest request)
    {
        return request.IsJson
            ? new ProgressPump(ProgressLines.WriteAsync)
            : Start(StatusLine.Start(request.Progress, request.IsQuiet));
    }

    /// <summary>Carries progress to a status line.</summary>
    public static ProgressPump Start(StatusLine line) =>
        new(line.IsShown ? reports => ShowAsync(line, reports) : null);

    public async ValueTask DisposeAsync()
    {
        reports.Writer.TryComplete();
        await shown;
    }

    private static async Task ShowAsync(StatusLine line, ChannelReader<CopyProgress> reports)
    {
        using (line)
        {
            ProgressText text = new();
            await foreach (CopyProgress report in reports.ReadAllAsync())
            {
                text.Observe(report);
                line.Show(columns => text.Of(report, columns));
            }
        }
    }

    private sealed class ChannelSink(ChannelWriter<CopyProgress> writer) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => writer.TryWrite(value);
    }
}
