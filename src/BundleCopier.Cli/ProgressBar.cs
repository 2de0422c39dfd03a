using System.Threading.Channels;
using BundleCopier.Settings;
using Spectre.Console;

namespace BundleCopier.Cli;

/// <summary>Shows progress as a bar on standard error.</summary>
internal static class ProgressBar
{
    /// <summary>
    /// The terminal of the bar. Messages during the copy must go to the same object; otherwise bar and messages
    /// overwrite each other.
    /// </summary>
    public static IAnsiConsole OpenConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new TolerantOutput(),
        // --progress always shows the bar also where there is no terminal.
        Interactive = InteractionSupport.Yes,
    });

    public static Task ShowAsync(IAnsiConsole console, ChannelReader<CopyProgress> reports)
    {
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(async bar =>
            {
                ProgressTask task = bar.AddTask("listing", maxValue: 1);
                await foreach (CopyProgress report in reports.ReadAllAsync())
                {
                    task.MaxValue = Math.Max(1, report.DataBytesTotal);
                    task.Value = Math.Min(report.DataBytes, task.MaxValue);
                    task.Description = Describe(report);
                }
            });
    }

    /// <summary>A report in words. Only files that are complete count as copied.</summary>
    public static string Describe(CopyProgress report)
    {
        double seconds = Math.Max(report.Elapsed.TotalSeconds, 0.001);
        string incomplete = report.FilesIncomplete > 0 ? $", {report.FilesIncomplete} incomplete" : "";
        string deadline = report.UntilDeadline is { } left && report.Phase < CopyPhase.Committing
            ? $", deadline in {Math.Ceiling(left.TotalSeconds):0} s" : "";
        return $"{report.Phase.ToString().ToLowerInvariant()} {ByteSize.Format(report.DataBytes)}, "
            + $"{report.FilesDone - report.FilesIncomplete}/{report.FilesTotal} files{incomplete}, "
            + $"{ByteSize.Format((long)(report.DataBytes / seconds))}/s{deadline}";
    }
}
