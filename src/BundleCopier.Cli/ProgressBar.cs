using System.Threading.Channels;
using BundleCopier.Settings;
using Spectre.Console;

namespace BundleCopier.Cli;

/// <summary>Shows progress as a bar on standard error.</summary>
internal static class ProgressBar
{
    // The spinner, a short bar and the percentage, with the spaces between them.
    private const int OtherColumns = 1 + 1 + 11 + 5;

    // The estimated time and a space.
    private const int TimeColumns = 9;

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

    /// <summary>Shows reports until there are no more.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="hasDeadline">The time until the deadline is shown instead of the estimated time.</param>
    public static Task ShowAsync(IAnsiConsole console, ChannelReader<CopyProgress> reports, bool hasDeadline)
    {
        ProgressColumn[] columns =
        [
            new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            .. hasDeadline ? (ProgressColumn[])[] : [new RemainingTimeColumn()],
        ];
        int otherColumns = hasDeadline ? OtherColumns : OtherColumns + TimeColumns;
        return console.Progress()
            .AutoClear(true)
            .Columns(columns)
            .StartAsync(async bar =>
            {
                ProgressTask task = bar.AddTask("listing", maxValue: 1);
                await foreach (CopyProgress report in reports.ReadAllAsync())
                {
                    task.MaxValue = Math.Max(1, report.DataBytesTotal);
                    task.Value = Math.Min(report.DataBytes, task.MaxValue);
                    task.Description = Describe(report, console.Profile.Width - otherColumns);
                }
            });
    }

    /// <summary>
    /// A report in words. Only files that are complete count as copied. Where it is too long for a terminal, it leaves
    /// out the rate, then the files, then the time until the deadline: a line that wraps cannot be cleared.
    /// </summary>
    public static string Describe(CopyProgress report, int maxColumns = int.MaxValue)
    {
        double seconds = Math.Max(report.Elapsed.TotalSeconds, 0.001);
        string done = $"{report.Phase.ToString().ToLowerInvariant()} {ByteSize.Format(report.DataBytes)}";
        string incomplete = report.FilesIncomplete > 0 ? $", {report.FilesIncomplete} incomplete" : "";
        string files = $", {report.FilesDone - report.FilesIncomplete}/{report.FilesTotal} files{incomplete}";
        string rate = $", {ByteSize.Format((long)(report.DataBytes / seconds))}/s";
        string deadline = report.UntilDeadline is { } left && report.Phase < CopyPhase.Committing
            ? $", deadline in {Math.Ceiling(left.TotalSeconds):0} s" : "";
        string[] fromLongest =
            [done + files + rate + deadline, done + files + deadline, done + deadline, done];
        return Array.Find(fromLongest, text => text.Length <= maxColumns) ?? done[..Math.Max(0, maxColumns)];
    }
}
