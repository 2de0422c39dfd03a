using System.Text;
using System.Threading.Channels;
using BundleCopier.Cli;
using Spectre.Console;
using Xunit;

namespace BundleCopier.Tests;

public sealed class ProgressBarTests
{
    [Theory]
    [InlineData(40, true)]
    [InlineData(60, true)]
    [InlineData(80, true)]
    [InlineData(120, true)]
    [InlineData(200, true)]
    [InlineData(40, false)]
    [InlineData(60, false)]
    [InlineData(80, false)]
    public async Task On_a_terminal_of_any_width_it_takes_one_line(int columns, bool hasDeadline)
    {
        using StringWriter written = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new Terminal(written, columns),
        });
        Channel<CopyProgress> reports = Channel.CreateUnbounded<CopyProgress>();
        Task shown = ProgressBar.ShowAsync(console, reports.Reader, hasDeadline);
        for (int i = 0; i < 3; i++)
        {
            reports.Writer.TryWrite(new CopyProgress(
                CopyPhase.Copying, 1007, 12, 1009, 437_440_000_000, 999_999_999_999, 0, TimeSpan.FromSeconds(10),
                hasDeadline ? TimeSpan.FromSeconds(86_399) : null));
            // The bar is drawn ten times a second.
            Assert.True(SpinWait.SpinUntil(() => Count(written, "%") > i, TimeSpan.FromSeconds(10)));
        }

        reports.Writer.Complete();
        await shown;
        // To draw the bar again, the cursor goes up over it and the empty lines around it: two lines for a bar of one.
        Assert.DoesNotMatch("\\x1b\\[([3-9]|\\d\\d+)A", written.ToString());
    }

    [Theory]
    [InlineData(100, "copying 5 B, 5/9 files, 2 incomplete, 5 B/s, deadline in 12 s")]
    [InlineData(60, "copying 5 B, 5/9 files, 2 incomplete, deadline in 12 s")]
    [InlineData(40, "copying 5 B, deadline in 12 s")]
    [InlineData(15, "copying 5 B")]
    [InlineData(4, "copy")]
    [InlineData(-1, "")]
    public void What_does_not_fit_is_left_out_and_the_deadline_stays_longest(int columns, string text) =>
        Assert.Equal(text, ProgressBar.Describe(new CopyProgress(
            CopyPhase.Copying, 7, 2, 9, 5, 10, 0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12)), columns));

    [Theory]
    [InlineData(CopyPhase.Copying, 11_200, ", deadline in 12 s")]
    [InlineData(CopyPhase.Copying, 0, ", deadline in 0 s")]
    [InlineData(CopyPhase.Committing, 0, "/s")]
    public void The_time_until_the_deadline_is_shown_while_it_counts(CopyPhase phase, int leftMs, string end) =>
        Assert.EndsWith(
            end,
            ProgressBar.Describe(new CopyProgress(
                phase, 1, 0, 9, 5, 10, 0, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(leftMs))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(7, 0, "7/9 files, ")]
    [InlineData(7, 2, "5/9 files, 2 incomplete, ")]
    [InlineData(9, 9, "0/9 files, 9 incomplete, ")]
    public void A_file_that_was_skipped_or_failed_does_not_count_as_copied(int done, int incomplete, string words) =>
        Assert.Contains(
            words, ProgressBar.Describe(
            new CopyProgress(
            CopyPhase.Copying, done, incomplete, 9, 5, 10, 0, TimeSpan.FromSeconds(1))), StringComparison.Ordinal);

    private static int Count(StringWriter written, string word)
    {
        string text;
        try
        {
            text = written.ToString();
        }
        catch (ArgumentException)
        {
            return 0; // the bar's thread is writing
        }

        return text.Split(word).Length - 1;
    }

    private sealed class Terminal(TextWriter writer, int columns) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => columns;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
