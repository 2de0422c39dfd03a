using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using BundleCopier.Benchmarks.Bystanders;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using BundleCopier.Benchmarks.Ways;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class BystanderReportTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("bundlecopy-report").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(0.3, 123, 0.2, 200, 3)]
    [InlineData(0.1, 100, 0.1, 100, 4)]
    [InlineData(0.011, 0.9, 0.01, 1, 3)]
    [InlineData(7, 7, 5, 10, 1)]
    public void A_logarithmic_axis_is_as_short_as_round_numbers_allow_and_has_the_powers_of_ten(
        double smallest, double largest, double bottom, double top, int marks)
    {
        LogAxis axis = LogAxis.For(smallest, largest);

        Assert.Equal(bottom, axis.Bottom, 9);
        Assert.Equal(top, axis.Top, 9);
        Assert.Equal(marks, axis.Marks.Count());
        Assert.Equal(0, axis.Place(axis.Bottom), 9);
        Assert.Equal(1, axis.Place(axis.Top), 9);
        Assert.Equal(0.5, axis.Place(Math.Sqrt(axis.Bottom * axis.Top)), 9);
    }

    [Fact]
    public void The_highest_dot_of_a_panel_is_its_highest_latency_and_other_panels_have_the_same_scale()
    {
        // The longest latency is between shorter ones, where thinning could lose it.
        Moment[] slow = [.. Enumerable.Range(0, 1000).Select(i => new Moment(i * 5000, i == 501 ? 100_000 : 1000))];
        Moment[] fast = [.. Enumerable.Range(0, 1000).Select(i => new Moment(i * 5000, i == 7 ? 10_000 : 1000))];
        LatencyPlot plot = new(
            "title",
            "a < b",
            [new("slow & old", "other", 3, 1_000_000, slow, 1, 100), new("fast", "ours", 2, 1_000_000, fast, 1, 10)]);

        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;

        List<double[]> heights = [.. Dots(svg)];
        Assert.Equal(2, heights.Count);
        Assert.All(heights, h => Assert.InRange(h.Length, 250, 501));
        Assert.Equal(2 * (heights[0].Max() - heights[1].Min()), heights[0].Max() - heights[0].Min(), 0);
        Assert.Contains("slow & old", Named(svg, "text").Select(t => t.Value));
        double[] widths = [.. Named(svg, "rect").Select(Width)];
        Assert.Equal(1.5, widths[0] / widths[1], 1);
    }

    [Fact]
    public void Limits_are_drawn_at_their_values_on_the_axis()
    {
        BarGroup group = new("writes", [new Bar("cp", new Summary(10, 9, 10), IsOurs: false)])
        {
            Format = "0.0",
            Limits = [new("low", 5), new("high", 7.5)],
        };

        XElement svg = XDocument.Parse(new BarPlot("title", "", [group, group]).ToSvg()).Root!;

        double[] at = [.. Named(svg, "path").Where(p => p.Attribute("class")!.Value == "limit").Select(Left)];
        double[] marks = [.. Named(svg, "path").Where(p => p.Attribute("class")!.Value == "grid").Select(Left)];
        Assert.Equal(4, at.Length);
        Assert.Equal((marks.Min() + marks.Max()) / 2, at[0], 0);
        Assert.Equal(marks.Min() + (0.75 * (marks.Max() - marks.Min())), at[1], 0);
        Assert.Contains("10.0", Named(svg, "text").Select(t => t.Value));
    }

    [Fact]
    public void Targets_are_what_profiles_make_of_the_same_round_and_need_what_they_are_compared_with()
    {
        Dictionary<string, BystanderSeries> measured = new()
        {
            ["nothing"] = Series("nothing", 4, 10),
            ["recipe"] = Series("recipe", 4, 12),
            ["gentle"] = Series("gentle", 4, 11),
            ["full"] = Series("full", 2, 30),
        };

        BystanderTargets all = new(id => measured.GetValueOrDefault(id));
        Dictionary<string, Target> targets = all.All().ToDictionary(t => t.What);

        Assert.Equal("1.10", targets["gentle: p99 of write, to nothing"].Measured);
        Assert.Equal("at most 1.25", targets["gentle: p99 of write, to nothing"].Wanted);
        Assert.Equal("2.50", targets["full: p99 of write, to recipe"].Measured);
        Assert.Equal("0.50", targets["gentle: speed, to full"].Measured);
        Assert.Null(targets["balanced: speed, to full"].Measured);
    }

    [Theory]
    [InlineData("gentle", "balanced", "full")]
    [InlineData("bundlecopy")]
    public void A_whole_run_fills_the_report_both_plots_and_the_readme(params string[] ours)
    {
        string readme = Path.Combine(directory, "README.md");
        File.WriteAllText(readme, $"# x\n\n{MarkedPart.Bystanders.Begin}\nold\n{MarkedPart.Bystanders.End}\n");
        BenchmarkOptions options = new()
        {
            Place = new Workplace("", "", "", ""),
            SizeBytes = 4L << 30,
            Rounds = 2,
            KeepFreeBytes = 1 << 30,
            Output = directory,
            Readme = readme,
            CommandLine = "scripts/x",
        };
        string[] ids = ["nothing", "cp", "dd", "recipe", .. ours];
        BystanderSeries[] all = [.. ids.Select(id => Series(id, 4, 10))];

        new BystanderReport(all, options, new Machine([("date", "today")]), filledBytes: 1 << 30).Write();

        string[] rows = [.. File.ReadLines(readme).Where(line => line.StartsWith('|'))];
        Assert.Equal(2 + 5, rows.Length);
        Assert.All(rows, row => Assert.Equal(rows[0].Count(c => c == '|'), row.Count(c => c == '|')));
        Assert.DoesNotContain("old", File.ReadAllText(readme), StringComparison.Ordinal);
        string report = File.ReadAllText(Path.Combine(directory, "bystanders.md"));
        foreach (Match picture in Regex.Matches(report, @"\]\((.*\.svg)\)"))
            Assert.NotEmpty(XDocument.Load(Path.Combine(directory, picture.Groups[1].Value)).Descendants());
        Assert.All(ours, id => Assert.Contains($"| {id} |", report, StringComparison.Ordinal));
        Assert.Equal(ours.Length > 1, report.Contains("## Wanted and measured", StringComparison.Ordinal));
    }

    private static IEnumerable<double[]> Dots(XElement svg) => Named(svg, "path")
        .Where(p => p.Attribute("class")!.Value.StartsWith("dots ", StringComparison.Ordinal))
        .Select(p => Regex.Matches(p.Attribute("d")!.Value, @"M[\d.]+ ([\d.]+)h0"))
        .Select(dots => dots.Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray());

    private static double Left(XElement path) =>
        double.Parse(
            Regex.Match(path.Attribute("d")!.Value, @"M([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);

    private static double Width(XElement rectangle) =>
        double.Parse(rectangle.Attribute("width")!.Value, CultureInfo.InvariantCulture);

    private static IEnumerable<XElement> Named(XElement svg, string name) =>
        svg.Descendants().Where(e => e.Name.LocalName == name);

    private static BystanderSeries Series(string id, double seconds, long ms)
    {
        Dictionary<NeighbourKind, Moment[]> moments = NeighbourKind.All.ToDictionary(
            kind => kind, _ => new Moment[] { new(1500, ms * 1000) });
        BystanderRun run = new(1000, 2000, seconds, new MemoryUse(0, 0, 0), moments);
        return new BystanderSeries(
            new Way(id, id, _ => new Command("true")) { IsIdle = id == "nothing" }, 4L << 30, [run, run]);
    }
}
