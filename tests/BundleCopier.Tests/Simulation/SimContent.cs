using BundleCopier.Model;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Makes the content of sources. All pages of data differ, so a page in the wrong place is detected.
/// </summary>
internal static class SimContent
{
    private const int Page = SimPages.PageBytes;

    private static readonly long[] Edges =
        [0, 1, 4095, 4096, 4097, 8192, SegmentGrid.SegmentBytes - 1, SegmentGrid.SegmentBytes,
        SegmentGrid.SegmentBytes + 1];

    /// <summary>A file without holes.</summary>
    public static SimPages Dense(int seed, long length)
    {
        SimPages pages = new(length);
        Random random = new(seed);
        for (long page = 0; page * Page < length; page++)
            PutData(pages, page, random);
        return pages;
    }

    public static long DrawLength(Random random) => random.Next(10) switch
    {
        < 3 => Edges[random.Next(Edges.Length)],
        < 6 => random.Next(1, 3 * Page * 100),
        < 9 => random.NextInt64(1, (3 * SegmentGrid.SegmentBytes) + 2),
        _ => (1L << 40) - random.Next(0, 2 * Page),
    };

    /// <summary>A short length, or a longer one for a file with little data.</summary>
    public static long DrawShortLength(Random random) => random.Next(10) switch
    {
        < 2 => Edges[random.Next(Edges.Length)],
        < 7 => random.Next(1, 30 * Page),
        < 9 => random.NextInt64(1, 4 * SegmentGrid.SegmentBytes),
        _ => random.Next(8) == 0 ? (1L << 40) - random.Next(0, 2 * Page) : random.NextInt64(1, 200 * Page),
    };

    /// <summary>Content of at most some dozen pages, so that making and checking it is cheap.</summary>
    public static SimPages DrawThin(Random random, long length)
    {
        if (length <= 40 * Page)
            return Draw(random, length);
        SimPages pages = new(length);
        for (int island = random.Next(1, 7); island > 0; island--)
        {
            long at = random.NextInt64(length);
            // Around the boundary of two segments, now and then.
            if (random.Next(3) == 0)
                at = Math.Max(0, (at / SegmentGrid.SegmentBytes * SegmentGrid.SegmentBytes) - (2 * Page));
            PutRun(pages, random, at / Page, random.Next(1, 12));
        }

        return pages;
    }

    public static SimPages Draw(Random random, long length)
    {
        SimPages pages = new(length);
        if (length > 64L * SegmentGrid.SegmentBytes)
        {
            for (int island = random.Next(1, 6); island > 0; island--)
                PutRun(pages, random, random.NextInt64(length / Page), random.Next(1, 40));
            return pages;
        }

        long all = (length + Page - 1) / Page;
        int longest = random.Next(3) switch { 0 => 2, 1 => 40, _ => 400 };
        for (long page = 0; page < all;)
            page += PutRun(pages, random, page, (int)Math.Min(all - page, random.Next(1, longest + 1)));
        return pages;
    }

    public static void PutData(SimPages pages, long page, Random random)
    {
        byte[] content = new byte[Page];
        random.NextBytes(content);
        content[0] |= 1;
        PutCut(pages, page, content);
    }

    private static int PutRun(SimPages pages, Random random, long first, int count)
    {
        int kind = random.Next(6);
        for (long page = first; page < first + count && page * Page < pages.Length; page++)
        {
            switch (kind)
            {
                case 0:
                    break; // a hole
                case 1:
                    pages.Reserve(page);
                    break;
                case 2:
                    pages.Put(page, new byte[Page]);
                    break;
                case 3:
                    byte[] content = new byte[Page];
                    content[random.Next(3) switch { 0 => 0, 1 => Page - 1, _ => random.Next(Page) }] =
                        (byte)random.Next(1, 256);
                    PutCut(pages, page, content);
                    break;
                default:
                    PutData(pages, page, random);
                    break;
            }
        }

        return count;
    }

    // Bytes behind the end of a file read as zeros.
    private static void PutCut(SimPages pages, long page, byte[] content)
    {
        long held = pages.Length - (page * Page);
        if (held < Page)
            content.AsSpan((int)held).Clear();
        pages.Put(page, content);
    }
}
