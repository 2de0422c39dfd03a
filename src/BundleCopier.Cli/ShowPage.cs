using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>
/// The page of <c>show --html</c>: one file that needs nothing else. It has no script, and its policy
/// (Content-Security-Policy) allows nothing but its own style sheet.
/// </summary>
internal static class ShowPage
{
    private const string Style = """

        :root { color-scheme: light dark; --paper: #f6f7f9; --card: #fff; --ink: #1c2330; --soft: #5d6879;
          --line: #dfe3ea; --data: #2f6fd0; --lz4: #12907f; --hole: #d4dae4; --gone: #d8433b; --busy: #b3631b;
          --memory: #8a4fc4; --good: #1d8348; --part: #b3631b; }
        @media (prefers-color-scheme: dark) { :root { --paper: #12161d; --card: #1a202a; --ink: #e3e8f0;
          --soft: #93a0b4; --line: #2c3543; --data: #5b97ee; --lz4: #2fbfa9; --hole: #333d4d; --gone: #ef6a62;
          --busy: #dd9350; --memory: #b88ae6; --good: #4cc27f; --part: #dd9350; } }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 28px 20px 48px; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        main { max-width: 1040px; margin: 0 auto; }
        h1 { margin: 0; font-size: 22px; overflow-wrap: anywhere; }
        h2 { margin: 0 0 10px; font-size: 16px; }
        p { margin: 4px 0; }
        .soft { color: var(--soft); }
        .badge { display: inline-block; padding: 1px 10px; border-radius: 10px; color: #fff; font-size: 13px;
          font-weight: 600; vertical-align: 3px; margin-left: 8px; }
        .complete { background: var(--good); } .partial { background: var(--part); }
        .cancelled { background: var(--soft); }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px;
          margin-top: 16px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px;
          margin-top: 16px; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
        .tile b { display: block; font-size: 20px; font-weight: 600; }
        .words { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; }
        .words .card { margin-top: 0; } .words { margin-top: 16px; }
        ul { margin: 0; padding-left: 18px; } li { margin: 2px 0; overflow-wrap: anywhere; }
        svg { display: block; width: 100%; height: auto; }
        svg text { font-size: 12px; fill: var(--soft); }
        svg .name { fill: var(--ink); font-weight: 600; font-size: 13px; }
        .grid { stroke: var(--line); } .area { fill: var(--data); fill-opacity: .22; stroke: none; }
        .rate { stroke: var(--data); } .flight { stroke: var(--lz4); } .io { stroke: var(--busy); }
        .ram { stroke: var(--memory); }
        .rate, .flight, .io, .ram { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .look { fill: transparent; } .look:hover { fill: var(--ink); fill-opacity: .08; }
        .data { fill: var(--data); } .lz4 { fill: var(--lz4); } .hole { fill: var(--hole); }
        .gone { fill: var(--gone); }
        .file { margin-top: 12px; } .file:first-of-type { margin-top: 4px; }
        .row { display: flex; justify-content: space-between; gap: 16px; align-items: baseline; }
        .row b { overflow-wrap: anywhere; font-weight: 600; } .row span { color: var(--soft); white-space: nowrap;
          font-size: 13px; }
        .map { border-radius: 4px; overflow: hidden; height: 18px; }
        .key { display: flex; flex-wrap: wrap; gap: 6px 18px; color: var(--soft); font-size: 13px;
          margin-bottom: 6px; }
        .key svg { display: inline-block; width: 12px; height: 12px; margin-right: 6px; vertical-align: -1px; }

        """;

    /// <summary>Makes the page.</summary>
    /// <param name="bundle">The bundle, read with maps.</param>
    public static string Of(BundleSummary bundle)
    {
        BundleReceipt head = bundle.Head;
        string status = head.Status.ToString().ToLowerInvariant();
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));
        Html page = new();
        page.Own("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Open("meta", ("http-equiv", "Content-Security-Policy"),
                ("content", $"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"))
            .Own("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Element("title", $"{head.Bundle} ({status})")
            .Own($"<style>{Style}</style>\n</head>\n<body>\n<main>\n")
            .Open("h1").Element("span", head.Bundle).Element("span", status, ("class", $"badge {status}"))
            .Close("h1")
            .Element("p", ReceiptWords.Verdict(bundle), ("class", "soft"));
        Tiles(page, bundle);
        if (head.Resources.Timeline is { Count: > 0 } timeline)
            TimelineChart.Add(page, timeline);
        Maps(page, bundle);
        page.Open("div", ("class", "words"));
        foreach (WordsPart part in ReceiptWords.Of(bundle))
        {
            page.Open("section", ("class", "card")).Element("h2", part.Title).Open("ul");
            foreach (string line in part.Lines)
                page.Element("li", line);
            page.Close("ul").Close("section");
        }

        return page.Own("</div>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static void Tiles(Html page, BundleSummary bundle)
    {
        ReceiptResources used = bundle.Head.Resources;
        double seconds = Math.Max(used.Seconds, 0.001);
        page.Open("div", ("class", "tiles"));
        Tile("saved", LastSentence.OfAll(bundle.Saved));
        Tile("whole files", $"{bundle.Saved.WholeFiles} of {bundle.Saved.Files}");
        Tile("written", ByteSize.Format(bundle.Saved.WrittenBytes));
        Tile("duration", string.Create(CultureInfo.InvariantCulture, $"{used.Seconds:0.0##} s"));
        Tile("data a second", ByteSize.Format((long)Math.Min(long.MaxValue / 2, bundle.Saved.DataBytes / seconds)));
        page.Close("div");

        void Tile(string what, string value) => page
            .Open("div", ("class", "tile")).Element("b", value).Element("span", what, ("class", "soft")).Close("div");
    }

    private static void Maps(Html page, BundleSummary bundle)
    {
        ShownFile[] files = [.. bundle.Incomplete, .. bundle.Whole];
        if (files.Length == 0)
            return;
        page.Open("section", ("class", "card")).Element("h2", "Files").Open("div", ("class", "key"));
        Key("data", "data");
        Key("lz4", "compressed data; the darker, the less it shrank");
        Key("hole", "hole: zeros that take no space");
        Key("gone", "not in the bundle");
        page.Close("div");
        foreach (ShownFile file in files)
        {
            page.Open("div", ("class", "file")).Open("div", ("class", "row"))
                .Element("b", file.Name).Element("span", FiguresOf(file)).Close("div");
            if (file.Error is { } error)
                page.Element("p", $"{error.Code}: {error.Message}", ("class", "soft"));
            if (file.Map is { SizeBytes: > 0 } map)
                FileMapPicture.Add(page, map, file.Entry.Compression == OutputCompression.Lz4);
            page.Close("div");
        }

        int more = bundle.Saved.Files - files.Length;
        if (more > 0)
            page.Element("p", $"and {more} more; the receipt names them all", ("class", "soft"));
        page.Close("section");

        void Key(string kind, string what) => page
            .Open("span")
            .Own($"<svg viewBox=\"0 0 12 12\"><rect class=\"{kind}\" width=\"12\" height=\"12\" rx=\"2\"/></svg>")
            .Element("span", what).Close("span");
    }

    private static string FiguresOf(ShownFile file)
    {
        ShownEntry entry = file.Entry;
        string status = entry.Status.ToString().ToLowerInvariant();
        if (!entry.IsOpened)
            return status;
        string written = entry.WrittenBytes == entry.DataBytes ? ""
            : $", {ByteSize.Format(entry.WrittenBytes)} written";
        return $"{status}: {ByteSize.Format(entry.DataBytes)} of data{written}, "
            + $"size {ByteSize.Format(entry.SizeBytes)}";
    }
}
