using System.Globalization;
using BundleCopier.Benchmarks.Bystanders;

namespace BundleCopier.Benchmarks.Report;

/// <summary>One panel of a plot of latencies.</summary>
/// <param name="Title">The way of copying.</param>
/// <param name="Look">A class of the style: ours, other or idle.</param>
/// <param name="Seconds">The duration of the copy.</param>
/// <param name="StartUs">The start of the copy.</param>
/// <param name="Moments">A neighbour's operations before, during and after the copy.</param>
/// <param name="P99Ms">The p99 during the copy.</param>
/// <param name="MaxMs">The longest latency during the copy.</param>
public sealed record LatencyPanel(
    string Title,
    string Look,
    double Seconds,
    long StartUs,
    IReadOnlyList<Moment> Moments,
    double P99Ms,
    double MaxMs);

/// <summary>
/// An SVG plot of latencies over time as dots, one panel for each way of copying, all on one scale.
/// </summary>
public sealed class LatencyPlot(string title, string subtitle, IReadOnlyList<LatencyPanel> panels)
{
    private const double Width = 960;
    private const double Left = 62;
    private const double Right = 948;
    private const double Gap = 10;
    private const double Top = 92;
    private const double Bottom = 320;
    private const double Height = 364;

    // A panel has fewer columns of dots. A dot that is left out has a higher one beside it.
    private const long StretchUs = 10_000;

    private readonly LogAxis latency = LogAxis.For(
        panels.SelectMany(p => p.Moments).Min(m => m.TookUs) / 1000.0,
        panels.SelectMany(p => p.Moments).Max(m => m.TookUs) / 1000.0);
    private readonly double firstSecond = panels.Min(p => p.Moments.Min(m => SecondsIn(p, m)));
    private readonly double lastSecond = panels.Max(p => p.Moments.Max(m => SecondsIn(p, m)));
    private readonly double panelWidth = ((Right - Left) + Gap) / panels.Count - Gap;

    /// <summary>The whole SVG file.</summary>
    public string ToSvg()
    {
        SvgPage page = new(Width, Height, title, subtitle);
        for (int i = 0; i < panels.Count; i++)
            Draw(page, panels[i], Left + (i * (panelWidth + Gap)));
        foreach (double mark in latency.Marks)
            page.Text(
                "quiet", Left - 8, Y(mark) + 4, $"{mark.ToString("#,0.###", CultureInfo.InvariantCulture)} ms", "end");
        page.Text(
            "quiet",
            (Left + Right) / 2,
            Height - 8,
            "seconds since the copy began; shaded while it runs; the line is its p99",
            "middle");
        return page.ToString();
    }

    private static double SecondsIn(LatencyPanel panel, Moment moment) => (moment.AtUs - panel.StartUs) / 1e6;

    private void Draw(SvgPage page, LatencyPanel panel, double left)
    {
        page.Rectangle("during", X(left, 0), Top, X(left, panel.Seconds) - X(left, 0), Bottom - Top);
        foreach (double mark in latency.Marks)
            page.Lines("grid", $"M{left:0.#} {Y(mark):0.#}h{panelWidth:0.#}");
        page.Dots(
            panel.Look,
            Moment.HighestPer(StretchUs, panel.Moments).Select(
                m => (X(left, SecondsIn(panel, m)), Y(m.TookUs / 1000.0))));
        page.Lines("reach", $"M{X(left, 0):0.#} {Y(panel.P99Ms):0.#}H{X(left, panel.Seconds):0.#}");
        page.Text("heading", left, Top - 24, panel.Title);
        page.Text(
            "quiet",
            left,
            Top - 8,
            string.Create(CultureInfo.InvariantCulture, $"p99 {panel.P99Ms:0.0} ms, max {panel.MaxMs:0.0} ms"));
        foreach (double mark in Axis.For(lastSecond).Marks.Where(m => m <= lastSecond))
            page.Text(
                "quiet", X(left, mark), Bottom + 18, mark.ToString("0.#", CultureInfo.InvariantCulture), "middle");
    }

    private double X(double left, double second) =>
        left + ((second - firstSecond) / (lastSecond - firstSecond) * panelWidth);

    private double Y(double ms) => Bottom - (latency.Place(ms) * (Bottom - Top));
}
