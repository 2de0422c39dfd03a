using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Draws where the data of a file is, as one bar.</summary>
internal static class FileMapPicture
{
    private const int Width = 1000;
    private const int Height = 18;
    private const int Shades = 8;

    /// <summary>Adds the picture.</summary>
    /// <param name="page">The page.</param>
    /// <param name="map">The map.</param>
    /// <param name="isLz4">The file is compressed.</param>
    public static void Add(Html page, FileMap map, bool isLz4)
    {
        page.Open("svg", ("class", "map"), ("viewBox", $"0 0 {Width} {Height}"), ("preserveAspectRatio", "none"));
        for (int from = 0; from < map.Cells;)
        {
            Look look = LookOf(map, from, isLz4);
            int to = from + 1;
            while (to < map.Cells && LookOf(map, to, isLz4) == look)
                to++;
            Draw(page, map, from, to, look);
            from = to;
        }

        page.Close("svg");
    }

    // A cell that lacks a little must not look whole, and one with a little data must not look like a hole.
    private static Look LookOf(FileMap map, int cell, bool isLz4) => new(
        Level(map.Covered(cell)),
        Level(map.Data(cell)),
        isLz4 ? Level(map.Stored(cell)) : Shades);

    private static int Level(double share) => share <= 0 ? 0 : share >= 1 ? Shades
        : Math.Clamp((int)Math.Round(share * Shades), 1, Shades - 1);

    private static void Draw(Html page, FileMap map, int from, int to, Look look)
    {
        string x = Html.Number(from * (double)Width / map.Cells);
        string width = Html.Number((to - from) * (double)Width / map.Cells);
        double covered = look.Covered / (double)Shades * Height;
        double data = Math.Min(covered, look.Data / (double)Shades * Height);
        page.Open("g").Element("title", Describe(map, from, to, look));
        Rect("gone", 0, Height - covered, opacity: 1);
        Rect("hole", Height - covered, covered - data, opacity: 1);
        Rect(look.Stored == Shades ? "data" : "lz4", Height - data, data,
            look.Stored == Shades ? 1 : 0.35 + (0.65 * look.Stored / Shades));
        page.Close("g");

        void Rect(string kind, double y, double height, double opacity)
        {
            if (height > 0)
            {
                page.Open("rect", ("class", kind), ("x", x), ("y", Html.Number(y)), ("width", width),
                    ("height", Html.Number(height)), ("fill-opacity", Html.Number(opacity))).Close("rect");
            }
        }
    }

    private static string Describe(FileMap map, int from, int to, Look look)
    {
        long start = from * map.CellBytes;
        long end = map.EndOf(to - 1);
        string what = look.Covered == 0 ? "not in the bundle"
            : look.Data == 0 ? "hole"
            : look.Stored == Shades ? "data"
            : $"compressed to about {100 * look.Stored / Shades} %";
        string part = look.Covered is > 0 and < Shades ? ", a part is not in the bundle" : "";
        return $"{ByteSize.Format(start)} to {ByteSize.Format(end)}: {what}{part}";
    }

    private readonly record struct Look(int Covered, int Data, int Stored);
}
