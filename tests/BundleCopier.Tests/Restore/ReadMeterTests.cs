using BundleCopier.Cli;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class ReadMeterTests
{
    private readonly ManualTime time = new();
    private readonly Heard heard = new();

    [Fact]
    public void Bytes_of_all_files_add_up_and_the_end_is_the_total()
    {
        ReadMeter meter = Meter(files: 2, bytes: 300);
        FileMeter a = meter.Begin(Entry("a", 200));
        Later(() => a.Add(50));
        Assert.Equal((0, 50L, "a"), Last);
        FileMeter b = meter.Begin(Entry("b", 100));
        Later(() => b.Add(100));
        Assert.Equal((0, 150L, "b"), Last);
        Later(a.End);
        Assert.Equal((1, 300L, "b"), Last);
        Later(b.End);
        Assert.Equal((2, 300L, "b"), Last);
    }

    [Fact]
    public void A_file_counts_for_what_its_entry_says_whatever_is_read_of_it()
    {
        ReadMeter meter = Meter(files: 1, bytes: 100);
        FileMeter file = meter.Begin(Entry("a", 100));
        Later(() => file.Add(70));
        Later(() => file.Add(70));
        Later(() => file.Add(70));
        Assert.Equal(100, Last.Bytes);
        Later(file.End);
        Assert.Equal((1, 100L, "a"), Last);
    }

    [Fact]
    public void There_are_a_few_reports_a_second_and_none_that_nobody_wants()
    {
        ReadMeter meter = Meter(files: 1, bytes: 1000);
        FileMeter file = meter.Begin(Entry("a", 1000));
        for (int i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            file.Add(1);
        }

        Assert.InRange(heard.Reports.Count, 4, 6);
        new ReadMeter(null, 1, 5).Begin(Entry("a", 5)).End();
    }

    [Fact]
    public void Its_line_has_the_words_of_a_copy()
    {
        const long MiB = 1 << 20;
        ProgressText text = new();
        text.Observe(ReadingLine.AsCopy(new RestoreProgress(0, 9, 560 * MiB, 2800 * MiB, TimeSpan.FromSeconds(1))));
        RestoreProgress reading = new(5, 9, 1260 * MiB, 2800 * MiB, TimeSpan.FromSeconds(2))
        {
            CurrentFile = "engine.heap",
        };
        Assert.Equal(
            " 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03  5/9 files  engine.heap", text.Of(ReadingLine.AsCopy(reading), 80));
        Assert.Equal(" 45%  1.2/2.7 GiB  700 MiB/s  ETA 0:03", text.Of(ReadingLine.AsCopy(reading), 40));
    }

    private (int Files, long Bytes, string? File) Last =>
        (heard.Reports[^1].FilesDone, heard.Reports[^1].StoredBytes, heard.Reports[^1].CurrentFile);

    private static ReceiptFile Entry(string name, long bytes) => Receipts.Raw(name, [1]) with { WrittenBytes = bytes };

    private ReadMeter Meter(int files, long bytes) => new(heard, files, bytes, time);

    private void Later(Action work)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        work();
    }

    private sealed class Heard : IProgress<RestoreProgress>
    {
        public List<RestoreProgress> Reports { get; } = [];

        public void Report(RestoreProgress value) => Reports.Add(value);
    }

    private sealed class ManualTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan time) => ticks += time.Ticks;
    }
}
