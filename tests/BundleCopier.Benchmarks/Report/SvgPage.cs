using System.Globalization;
using System.Security;
using System.Text;

namespace BundleCopier.Benchmarks.Report;

/// <summary>An SVG picture with colours for light and dark pages.</summary>
public sealed class SvgPage
{
    private const string Style = """
        <style>
          text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
          .title { font-size: 16px; font-weight: 600; }
          .heading { font-weight: 600; }
          .quiet { font-size: 12px; fill: #59636e; }
          .grid { stroke: #d1d9e0; }
          .ours { fill: #0969da; }
          .other { fill: #afb8c1; }
          .during { fill: #eaeef2; }
          .dots { fill: none; stroke-width: 2; stroke-linecap: round; }
          .dots.ours { stroke: #0969da; }
          .dots.other { stroke: #bc4c00; }
          .dots.idle { stroke: #59636e; }
          .reach { stroke: #1f2328; stroke-width: 1.5; fill: none; }
          .limit { stroke: #1a7f37; stroke-width: 1.5; stroke-dasharray: 4 3; fill: none; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .quiet { fill: #9198a1; }
            .grid { stroke: #3d444d; }
            .ours { fill: #4493f8; }
            .other { fill: #656c76; }
            .during { fill: #21262d; }
            .dots.ours { stroke: #4493f8; }
            .dots.other { stroke: #db6d28; }
            .dots.idle { stroke: #9198a1; }
            .reach { stroke: #e6edf3; }
            .limit { stroke: #3fb950; }
          }
        </style>
        """;

    private readonly StringBuilder svg = new();

    /// <summary>Starts an empty page.</summary>
    public SvgPage(double width, double height, string title, string subtitle)
    {
        string label = SecurityElement.Escape(title);
        svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" """));
        svg.Append(Invariant($"""role="img" aria-label="{label}">""")).Append('\n');
        svg.Append(Style).Append('\n');
        Text("title", 16, 26, title);
        Text("quiet", 16, 46, subtitle);
    }

    /// <summary>Writes text.</summary>
    /// <param name="look">A class of the style, or empty.</param>
    /// <param name="x">The position that <paramref name="anchor"/> names: start, middle or end of the text.</param>
    /// <param name="y">The base line.</param>
    /// <param name="words">The text.</param>
    /// <param name="anchor">start, middle or end.</param>
    public void Text(string look, double x, double y, string words, string anchor = "start")
    {
        string attributes = look is "" ? "" : $" class=\"{look}\"";
        attributes += anchor is "start" ? "" : $" text-anchor=\"{anchor}\"";
        svg.Append(Invariant($"""<text{attributes} x="{x:0.#}" y="{y:0.#}">{SecurityElement.Escape(words)}</text>"""));
        svg.Append('\n');
    }

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(string look, double x, double y, double width, double height, double radius = 0)
    {
        string round = radius == 0 ? "" : Invariant($" rx=\"{radius}\"");
        string size = Invariant($"""width="{width:0.#}" height="{height:0.#}"{round}""");
        svg.Append(Invariant($"""<rect class="{look}" x="{x:0.#}" y="{y:0.#}" {size}/>""")).Append('\n');
    }

    /// <summary>Draws an SVG path.</summary>
    public void Lines(string look, FormattableString path) =>
        svg.Append(Invariant($"""<path class="{look}" d="{Invariant(path)}"/>""")).Append('\n');

    /// <summary>Draws many dots in few bytes: lines without length, with round ends.</summary>
    public void Dots(string look, IEnumerable<(double X, double Y)> dots)
    {
        svg.Append($"<path class=\"dots {look}\" d=\"");
        foreach ((double x, double y) in dots)
            svg.Append(Invariant($"M{x:0.#} {y:0.#}h0"));
        svg.Append("\"/>\n");
    }

    /// <summary>The whole SVG file.</summary>
    public override string ToString() => $"{svg}</svg>\n";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
