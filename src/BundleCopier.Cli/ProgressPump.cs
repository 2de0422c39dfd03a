using System.Threading.Channels;
using BundleCopier.Native;
using Spectre.Console;

namespace BundleCopier.Cli;

/// <summary>
/// Carries progress from the engine to whoever shows it. The engine must never wait for a terminal or a pipe, so there is
/// room for one report, and a newer one takes its place.
/// </summary>
internal sealed class ProgressPump : IAsyncDisposable
{
    private readonly Channel<CopyProgress> reports =
        Channel.CreateBounded<CopyProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Task shown;
    private readonly IAnsiConsole? terminal;

    private ProgressPump(Func<ChannelReader<CopyProgress>, Task>? show, IAnsiConsole? terminal = null)
    {
        this.terminal = terminal;
        shown = show is null ? Task.CompletedTask : Task.Run(() => show(reports.Reader));
        Sink = show is null ? null : new ChannelSink(reports.Writer);
    }

    /// <summary>Where the engine reports to; null when nobody wants to know.</summary>
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
        return new ProgressPump(reports => ProgressBar.ShowAsync(console, reports), Console.IsErrorRedirected ? null : console);
    }

    /// <summary>Tells a line while the copy runs: above the bar, where there is one.</summary>
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
            // A terminal that has gone, and with it whoever could be told.
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
