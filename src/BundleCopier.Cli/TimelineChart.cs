using System.Globalization;
using System.Text;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Draws how a copy went over time: throughput, data in flight and pressure, one above the other.</summary>
internal static class TimelineChart
{
    // A receipt of a copy has 100. More come from another program, and the page stays small.
    private const int MaxSamples = 400;
    private const int Width = 1000;
    private const int Left = 76;
    private const int Right = 12;
    private const int PanelHeight = 96;
    private const int PanelStep = 134;
    private const int Top = 26;

    /// <summary>Adds the charts.</summary>
    public static void Add(Html page, IReadOnlyList<ReceiptSample> timeline)
    {
        Step[] steps = Steps(timeline);
        if (steps.Length == 0)
            return;
        bool hasPressure = steps.Any(static s => s.Io is not null || s.Memory is not null);
        int height = Top + (PanelStep * (hasPressure ? 3 : 2));
        page.Open("section", ("class", "card")).Element("h2", "Over time")
            .Open("svg", ("viewBox", $"0 0 {Width} {height}"), ("role", "img"));
        double endMs = steps[^1].ToMs;
        double maxRate = Nice(steps.Max(static s => s.RateBytes));
        Panel(page, 0, "data a second", maxRate, ByteSize.Format((long)maxRate));
        Line(page, steps, 0, "area", s => s.RateBytes / maxRate, endMs, isArea: true);
        Line(page, steps, 0, "rate", s => s.RateBytes / maxRate, endMs);
        double maxFlight = Nice(steps.Max(static s => (double)s.InFlightBytes));
        Panel(page, 1, "data in flight", maxFlight, ByteSize.Format((long)maxFlight));
        Line(page, steps, 1, "flight", s => s.InFlightBytes / maxFlight, endMs);
        if (hasPressure)
        {
            Panel(page, 2, "share of the time in which some task waited for a disk, or for memory", 1, "100 %");
            Line(page, steps, 2, "io", static s => s.Io ?? 0, endMs);
            Line(page, steps, 2, "ram", static s => s.Memory ?? 0, endMs);
            page.Element("text", "disk", ("x", $"{Width - 110}"), ("y", $"{Top + (2 * PanelStep) - 8}"))
                .Element("text", "memory", ("x", $"{Width - 54}"), ("y", $"{Top + (2 * PanelStep) - 8}"));
            Key(page, "io", Width - 132);
            Key(page, "ram", Width - 76);
        }

        Axis(page, endMs, height);
        foreach (Step step in steps)
        {
            double x = X(step.FromMs, endMs);
            page.Open("rect", ("class", "look"), ("x", Html.Number(x)), ("y", $"{Top}"),
                    ("width", Html.Number(Math.Max(0.5, X(step.ToMs, endMs) - x))), ("height", $"{height - Top - 24}"))
                .Element("title", Describe(step)).Close("rect");
        }

        page.Close("svg").Close("section");
    }

    // What happened between two samples.
    private static Step[] Steps(IReadOnlyList<ReceiptSample> timeline)
    {
        List<Step> steps = [];
        ReceiptSample last = new(0, 0, 0, 0, 0);
        int every = (timeline.Count / MaxSamples) + 1;
        for (int i = every - 1; i < timeline.Count; i += every)
        {
            ReceiptSample sample = timeline[i];
            long ms = sample.AtMs - last.AtMs;
            if (ms <= 0)
                continue;
            steps.Add(new Step(
                last.AtMs,
                sample.AtMs,
                Math.Max(0, sample.DataBytes - last.DataBytes) * 1000.0 / ms,
                sample.InFlightBytes,
                Share(last.IoStallMs, sample.IoStallMs, ms),
                Share(last.MemoryStallMs, sample.MemoryStallMs, ms)));
            last = sample;
        }

        return [.. steps];
    }

    private static double? Share(long? before, long? after, long ms) =>
        after - before is { } stalled ? Math.Clamp(stalled / (double)ms, 0, 1) : null;

    private static void Panel(Html page, int panel, string title, double max, string maxText)
    {
        int top = Top + (panel * PanelStep);
        page.Element("text", title, ("class", "name"), ("x", $"{Left}"), ("y", $"{top - 8}"));
        foreach (double share in (double[])[0, 0.5, 1])
        {
            string y = Html.Number(top + (PanelHeight * (1 - share)));
            page.Open("line", ("class", "grid"), ("x1", $"{Left}"), ("x2", $"{Width - Right}"), ("y1", y), ("y2", y))
                .Close("line");
        }

        End(maxText, top + 5);
        if (max > 1)
            End(ByteSize.Format((long)(max / 2)), top + (PanelHeight / 2) + 5);
        End("0", top + PanelHeight + 5);

        void End(string text, int y) =>
            page.Element("text", text, ("x", $"{Left - 8}"), ("y", $"{y}"), ("text-anchor", "end"));
    }

    private static void Line(
        Html page, Step[] steps, int panel, string kind, Func<Step, double> share, double endMs, bool isArea = false)
    {
        int top = Top + (panel * PanelStep);
        StringBuilder path = new();
        if (isArea)
            Point('M', X(steps[0].FromMs, endMs), 0);
        foreach (Step step in steps)
        {
            Point(path.Length == 0 ? 'M' : 'L', X(step.FromMs, endMs), share(step));
            Point('L', X(step.ToMs, endMs), share(step));
        }

        if (isArea)
            Point('L', X(steps[^1].ToMs, endMs), 0);
        page.Own($"<path class=\"{kind}\" d=\"{path}\"/>\n");

        void Point(char command, double x, double height) => path.Append(command)
            .Append(Html.Number(x)).Append(' ')
            .Append(Html.Number(top + (PanelHeight * (1 - Math.Clamp(height, 0, 1)))));
    }

    private static void Key(Html page, string kind, int x)
    {
        string y = $"{Top + (2 * PanelStep) - 12}";
        page.Open("path", ("class", kind), ("d", $"M{x} {y}h16")).Close("path");
    }

    private static void Axis(Html page, double endMs, int height)
    {
        double stepMs = NiceStep(endMs / 8);
        for (double ms = 0; ms <= endMs * 1.0001; ms += stepMs)
        {
            string text = endMs < 2000
                ? string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms")
                : string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.##} s");
            page.Element("text", text, ("x", Html.Number(X(ms, endMs))), ("y", $"{height - 8}"),
                ("text-anchor", "middle"));
        }
    }

    private static double X(double ms, double endMs) => Left + ((Width - Left - Right) * Math.Min(1, ms / endMs));

    // The end of an axis: a number that is easy to halve.
    private static double Nice(double max)
    {
        double end = 1;
        while (end < max)
            end *= 2;
        return end * 0.75 >= max && end > 4 ? end * 0.75 : end;
    }

    private static double NiceStep(double ms)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, ms))));
        return power * (ms <= power ? 1 : ms <= 2 * power ? 2 : ms <= 5 * power ? 5 : 10);
    }

    private static string Describe(Step step)
    {
        string waits = step.Io is { } io ? $", some task waited for a disk {ReceiptWords.Percent(io)}" : "";
        string memory = step.Memory is { } ram ? $", for memory {ReceiptWords.Percent(ram)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{step.FromMs / 1e3:0.0##} to {step.ToMs / 1e3:0.0##} s: ")
            + $"{ByteSize.Format((long)step.RateBytes)} a second, {ByteSize.Format(step.InFlightBytes)} in flight"
            + waits + memory;
    }

    private readonly record struct Step(
        long FromMs, long ToMs, double RateBytes, long InFlightBytes, double? Io, double? Memory);
}
