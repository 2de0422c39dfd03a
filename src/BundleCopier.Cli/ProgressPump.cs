using System.Threading.Channels;
using BundleCopier.Native;
using Spectre.Console;

namespace BundleCopier.Cli;

/// <summary>
/// Carries progress from the engine to the progress bar or the JSON lines. The engine must never wait for a terminal
/// or a pipe, so the channel holds one report, and a newer report replaces it.
/// </summary>
internal sealed class ProgressPump : IAsyncDisposable
{
    private readonly Channel<CopyProgress> reports = Channel.CreateBounded<CopyProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Task shown;
    private readonly IAnsiConsole? terminal;

    private ProgressPump(Func<ChannelReader<CopyProgress>, Task>? show, IAnsiConsole? terminal = null)
    {
        this.terminal = terminal;
        shown = show is null ? Task.CompletedTask : Task.Run(() => show(reports.Reader));
        Sink = show is null ? null : new ChannelSink(reports.Writer);
    }

    /// <summary>Receives the engine's reports; null if progress is not shown.</summary>
    public IProgress<CopyProgress>? Sink { get; }

    public static ProgressPump Start(CopyRequest request)
    {
        if (request.IsJson)
            return new ProgressPump(ProgressLines.WriteAsync);
        bool wantsBar = StandardStreams.HasError && request.Progress switch
        {
            ProgressWish.Always => true,
            ProgressWish.Never => false,
            _ => !request.IsQuiet && !Console.IsErrorRedirected,
        };
        if (!wantsBar)
            return new ProgressPump(null);
        IAnsiConsole console = ProgressBar.OpenConsole();
        return new ProgressPump(
            reports => ProgressBar.ShowAsync(console, reports, request.Settings.Deadline is not null),
            Console.IsErrorRedirected ? null : console);
    }

    /// <summary>Prints a line during the copy: above the bar, if there is one.</summary>
    public void Tell(string line)
    {
        if (terminal is null)
        {
            Messages.Tell(line);
            return;
        }

        try
        {
            terminal.WriteLine($"bundlecopy: {line}");
        }
        catch (IOException)
        {
            // The terminal is gone; there is no other place for the message.
        }
    }

    public async ValueTask DisposeAsync()
    {
        reports.Writer.TryComplete();
        await shown;
    }

    private sealed class ChannelSink(ChannelWriter<CopyProgress> writer) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => writer.TryWrite(value);
    }
}
