using System.Globalization;
using System.Xml.Linq;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class ReportTests
{
    [Fact]
    public void A_bar_in_a_cell_does_not_begin_another_one()
    {
        MarkdownTable table = new(1, "way", "s");
        table.Add("lz4 | dd", "1.5");

        Assert.Equal("| way | s |\n| --- | --: |\n| lz4 \\| dd | 1.5 |\n", table.ToString());
    }

    [Fact]
    public void A_row_has_as_many_cells_as_there_are_columns() =>
        Assert.Throws<ArgumentException>(() => new MarkdownTable(1, "way", "s").Add("cp"));

    [Fact]
    public void Only_the_text_between_the_markers_is_replaced()
    {
        string once = MarkedPart.Bystanders.Replace(
            $"before\n{MarkedPart.Bystanders.Begin}\nold\n{MarkedPart.Bystanders.End}\nafter\n", "new\n\n");

        Assert.Equal($"before\n{MarkedPart.Bystanders.Begin}\nnew\n{MarkedPart.Bystanders.End}\nafter\n", once);
        Assert.Equal(once, MarkedPart.Bystanders.Replace(once, "new"));
    }

    [Fact]
    public void A_text_without_markers_is_not_touched() =>
        Assert.Throws<FormatException>(
            () => MarkedPart.Bystanders.Replace($"{MarkedPart.Bystanders.End} {MarkedPart.Bystanders.Begin}", "new"));

    [Fact]
    public void The_readme_has_a_place_for_the_figures() =>
        Assert.Contains(
            $"{MarkedPart.Bystanders.Begin}\nnew\n{MarkedPart.Bystanders.End}",
            MarkedPart.Bystanders.Replace(Repository.ReadText("README.md"), "new"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 1, 0.2)]
    [InlineData(6, 6, 1)]
    [InlineData(1990, 2000, 500)]
    [InlineData(2001, 2500, 500)]
    [InlineData(7001, 8000, 2000)]
    public void An_axis_ends_at_the_first_round_number_that_is_enough(double largest, double top, double step)
    {
        Axis axis = Axis.For(largest);

        Assert.Equal(step, axis.Step, 9);
        Assert.Equal(top, axis.Top, 9);
        Assert.Equal(top, axis.Marks.Last(), 9);
    }

    [Fact]
    public void Bars_are_as_long_as_their_medians_and_labels_are_text()
    {
        Bar lz4 = new("lz4 & dd", new Summary(1000, 900, 1200), IsOurs: false);
        Bar fio = new("fio", new Summary(500, 500, 500), IsOurs: true);
        BarPlot plot = new("a < b", "", [new BarGroup("", [lz4, fio])]);

        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        double[] widths = [.. Named(svg, "rect").Select(Width)];
        Assert.Equal(2, widths[0] / widths[1], 2);
        Assert.Contains("lz4 & dd", Named(svg, "text").Select(t => t.Value));
        Assert.Equal(["other", "ours"], Named(svg, "rect").Select(r => r.Attribute("class")!.Value));
    }

    [Fact]
    public void Targets_are_ratios_of_medians_and_what_was_not_measured_is_missing()
    {
        Findings findings = new();
        Series[] copies =
        [
            Copies("full", 2), Copies("dd", 5),
            Copies("bare-auto", 2), Copies("bare-slab", 1.6), Copies("bare-map", 4),
        ];
        findings.Add(CopiesSection.Name, copies);

        Dictionary<string, string?> measured = new Targets(findings).All().ToDictionary(t => t.What, t => t.Measured);

        Assert.Equal("2.50", measured["throughput at full, to dd, direct"]);
        Assert.Equal(
            "1.25", measured["time of auto without checksums, to the better of slab and map: scattered pages"]);
        Assert.Null(measured["throughput at full, to cp, sync"]);
        Assert.Null(measured["`--version`"]);
    }

    private static Series Copies(string id, double seconds) =>
        new(id, id, IsOurs: false, 1 << 30, [new Measurement(seconds, 1, 0, 0), new Measurement(seconds, 1, 0, 0)]);

    private static double Width(XElement rectangle) =>
        double.Parse(rectangle.Attribute("width")!.Value, CultureInfo.InvariantCulture);

    private static IEnumerable<XElement> Named(XElement svg, string name) =>
        svg.Descendants().Where(e => e.Name.LocalName == name);
}
