using System.Globalization;
using System.Security;
using System.Text;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>One bar of a plot.</summary>
/// <param name="Label">What stands before it.</param>
/// <param name="Value">The bar ends at the median; a line goes from the least to the most.</param>
/// <param name="IsOurs">Whether it has the colour that stands out.</param>
public sealed record Bar(string Label, Summary Value, bool IsOurs);

/// <summary>Lying bars as SVG, in colours for light and for dark pages.</summary>
public sealed class BarPlot(string title, string subtitle, IReadOnlyList<Bar> bars)
{
    private const double Width = 760;
    private const double Left = 190;
    private const double Right = 680;
    private const double Top = 64;
    private const double RowHeight = 26;
    private const double BarHeight = 16;

    private const string Style = """
        <style>
          text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
          .title { font-size: 16px; font-weight: 600; }
          .quiet { font-size: 12px; fill: #59636e; }
          .grid { stroke: #d1d9e0; }
          .ours { fill: #0969da; }
          .other { fill: #afb8c1; }
          .reach { stroke: #1f2328; stroke-width: 1.5; fill: none; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .quiet { fill: #9198a1; }
            .grid { stroke: #3d444d; }
            .ours { fill: #4493f8; }
            .other { fill: #656c76; }
            .reach { stroke: #e6edf3; }
          }
        </style>
        """;

    /// <summary>The whole file.</summary>
    public string ToSvg()
    {
        Axis axis = Axis.For(bars.Max(b => b.Value.Max));
        double bottom = Top + (bars.Count * RowHeight);
        StringBuilder svg = new();
        svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {bottom + 30}" role="img" aria-label="{Escape(title)}">""")).Append('\n');
        svg.Append(Style).Append('\n');
        svg.Append(Invariant($"""<text class="title" x="16" y="26">{Escape(title)}</text>""")).Append('\n');
        svg.Append(Invariant($"""<text class="quiet" x="16" y="46">{Escape(subtitle)}</text>""")).Append('\n');
        foreach (double mark in axis.Marks)
        {
            svg.Append(Invariant($"""<path class="grid" d="M{X(axis, mark):0.#} {Top - 4}V{bottom + 4}"/>"""));
            svg.Append(Invariant($"""<text class="quiet" x="{X(axis, mark):0.#}" y="{bottom + 20}" text-anchor="middle">{mark:#,0.##}</text>""")).Append('\n');
        }

        for (int i = 0; i < bars.Count; i++)
            AppendBar(svg, axis, bars[i], Top + (i * RowHeight) + (RowHeight / 2));
        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendBar(StringBuilder svg, Axis axis, Bar bar, double middle)
    {
        (double median, double min, double max) = (X(axis, bar.Value.Median), X(axis, bar.Value.Min), X(axis, bar.Value.Max));
        svg.Append(Invariant($"""<text x="{Left - 10}" y="{middle + 4.5}" text-anchor="end">{Escape(bar.Label)}</text>"""));
        svg.Append(Invariant($"""<rect class="{(bar.IsOurs ? "ours" : "other")}" x="{Left}" y="{middle - (BarHeight / 2)}" width="{median - Left:0.#}" height="{BarHeight}" rx="2"/>"""));
        svg.Append(Invariant($"""<path class="reach" d="M{min:0.#} {middle}H{max:0.#}M{min:0.#} {middle - 4}v8M{max:0.#} {middle - 4}v8"/>"""));
        svg.Append(Invariant($"""<text x="{max + 8:0.#}" y="{middle + 4.5}">{bar.Value.Median:#,0}</text>""")).Append('\n');
    }

    private static double X(Axis axis, double value) => Left + (value / axis.Top * (Right - Left));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
