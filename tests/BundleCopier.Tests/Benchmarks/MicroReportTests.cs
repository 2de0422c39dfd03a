using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class MicroReportTests
{
    private static readonly MicroFigure Slow = new(new Summary(250_000, 200_000, 1_000_000), AllocatedBytes: 384);
    private static readonly MicroFigure Quick = new(new Summary(1234, 1000, 20_000), AllocatedBytes: 0);

    [Fact]
    public void A_speed_is_what_the_median_makes_of_the_bytes()
    {
        string report = Report(
            "",
            new MicroGroup(
                "hash", "how", 1 << 20, [new MicroRow("ours", Slow, Slow with { Nanoseconds = new(125_000, 1, 2) })]));

        Assert.Contains(
            "| µs each | JIT, median | min | max | MiB/s | native, median | min | max | MiB/s |",
            report,
            StringComparison.Ordinal);
        Assert.Contains(
            "| ours | 250 | 200 | 1000 | 4000 | 125 | 0.00 | 0.00 | 8000 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_speed_the_allocated_bytes_are_shown()
    {
        string report = Report("", new MicroGroup("receipt", "how", null, [new MicroRow("by hand", Quick, Slow)]));

        Assert.Contains(
            "| by hand | 1.23 | 1.00 | 20.0 | 0 | 250 | 200 | 1000 | 384 |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("MiB/s", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_native_code_says_why_and_has_no_empty_columns()
    {
        string report = Report(
            "there is no compiler", new MicroGroup("hash", "how", 1 << 20, [new MicroRow("ours", Slow, null)]));

        Assert.Contains("Native code was not measured: there is no compiler.", report, StringComparison.Ordinal);
        Assert.Contains("| ours | 250 | 200 | 1000 | 4000 |\n", report, StringComparison.Ordinal);
        Assert.DoesNotContain("native, median", report, StringComparison.Ordinal);
    }

    private static string Report(string nativeLack, MicroGroup group) =>
        new MicroReport(
            [group], new Machine([("date", "today")]), "scripts/bench-micro", "Each once.", nativeLack).ToString();
}
