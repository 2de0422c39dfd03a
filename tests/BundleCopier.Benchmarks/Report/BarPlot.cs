using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>One bar of a plot.</summary>
/// <param name="Label">The text before the bar.</param>
/// <param name="Value">The bar ends at the median; a line goes from the minimum to the maximum.</param>
/// <param name="IsOurs">Whether the bar is highlighted.</param>
public sealed record Bar(string Label, Summary Value, bool IsOurs);

/// <summary>A line across the bars: a limit that they should not exceed.</summary>
public sealed record BarLimit(string Label, double Value);

/// <summary>Bars on one axis.</summary>
/// <param name="Heading">The text above the bars, or empty.</param>
/// <param name="Bars">The bars, from top to bottom.</param>
public sealed record BarGroup(string Heading, IReadOnlyList<Bar> Bars)
{
    /// <summary>The number format of the medians.</summary>
    public string Format { get; init; } = "#,0";

    public IReadOnlyList<BarLimit> Limits { get; init; } = [];
}

/// <summary>A plot of horizontal bars in groups, as SVG.</summary>
public sealed class BarPlot(string title, string subtitle, IReadOnlyList<BarGroup> groups)
{
    private const double Width = 760;
    private const double Left = 190;
    private const double Right = 680;
    private const double Top = 64;
    private const double RowHeight = 26;
    private const double BarHeight = 16;
    private const double AxisHeight = 30;
    private const double HeadingHeight = 24;
    private const double FigureWidth = 32;

    /// <summary>The whole SVG file.</summary>
    public string ToSvg()
    {
        SvgPage page = new(Width, Top + groups.Sum(Height), title, subtitle);
        double top = Top;
        foreach (BarGroup group in groups)
        {
            Draw(page, group, top);
            top += Height(group);
        }

        return page.ToString();
    }

    private static double Above(BarGroup group) =>
        (group.Heading is "" ? 0 : HeadingHeight) + (group.Limits.Count > 0 ? HeadingHeight : 0);

    private static double Height(BarGroup group) => Above(group) + (group.Bars.Count * RowHeight) + AxisHeight;

    private static void Draw(SvgPage page, BarGroup group, double above)
    {
        Axis axis = Axis.For(group.Bars.Max(b => b.Value.Max));
        double top = above + Above(group);
        double bottom = top + (group.Bars.Count * RowHeight);
        if (group.Heading is not "")
            page.Text("heading", 16, above + 14, group.Heading);
        foreach (double mark in axis.Marks)
        {
            page.Lines("grid", $"M{X(axis, mark):0.#} {top - 4}V{bottom + 4}");
            page.Text(
                "quiet", X(axis, mark), bottom + 20, mark.ToString("#,0.##", CultureInfo.InvariantCulture), "middle");
        }

        for (int i = 0; i < group.Bars.Count; i++)
            Draw(page, axis, group, group.Bars[i], top + (i * RowHeight) + (RowHeight / 2));

        // Limits can be close to each other: their labels go to both sides.
        for (int i = 0; i < group.Limits.Count; i++)
        {
            (string label, double x) = (group.Limits[i].Label, X(axis, group.Limits[i].Value));
            page.Lines("limit", $"M{x:0.#} {top - 6}V{bottom + 4}");
            bool toTheLeft = group.Limits.Count > 1 && i == 0;
            page.Text("quiet", toTheLeft ? x - 4 : x + 4, top - 10, label, toTheLeft ? "end" : "start");
        }
    }

    private static void Draw(SvgPage page, Axis axis, BarGroup group, Bar bar, double middle)
    {
        double median = X(axis, bar.Value.Median), min = X(axis, bar.Value.Min), max = X(axis, bar.Value.Max);
        page.Text("", Left - 10, middle + 4.5, bar.Label, "end");
        page.Rectangle(
            bar.IsOurs ? "ours" : "other", Left, middle - (BarHeight / 2), median - Left, BarHeight, radius: 2);
        page.Lines("reach", $"M{min:0.#} {middle}H{max:0.#}M{min:0.#} {middle - 4}v8M{max:0.#} {middle - 4}v8");
        double x = max + 8;
        foreach (double limit in group.Limits.Select(l => X(axis, l.Value)).Order())
            // Move the figure if the line would go through it.
            if (limit > x - 4 && limit < x + FigureWidth)
                x = limit + 6;
        page.Text("", x, middle + 4.5, bar.Value.Median.ToString(group.Format, CultureInfo.InvariantCulture));
    }

    private static double X(Axis axis, double value) => Left + (value / axis.Top * (Right - Left));
}
