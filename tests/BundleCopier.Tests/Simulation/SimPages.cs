using BundleCopier.Model;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// The content of a simulated file. Only pages with data take memory, so a file of 1 TiB is possible.
/// </summary>
internal sealed class SimPages
{
    public const int PageBytes = Alignment.Bytes;

    // A page that was reserved and never written: it is allocated, reads as zeros, and SEEK_DATA skips it.
    private static readonly byte[] Unwritten = new byte[PageBytes];

    private readonly SortedList<long, byte[]> pages;

    public SimPages(long length = 0)
        : this(length, [])
    {
    }

    private SimPages(long length, SortedList<long, byte[]> pages)
    {
        Length = length;
        this.pages = pages;
    }

    public long Length { get; private set; }

    public IList<long> Present => pages.Keys;

    public bool IsPresent(long page) => pages.ContainsKey(page);

    public bool IsData(long page) => pages.TryGetValue(page, out byte[]? held) && !ReferenceEquals(held, Unwritten);

    public ReadOnlySpan<byte> Page(long page) => pages.TryGetValue(page, out byte[]? held) ? held : Unwritten;

    /// <summary>The page itself, to tell whether two contents share it; null for a hole.</summary>
    public byte[]? At(long page) => pages.GetValueOrDefault(page);

    /// <summary>
    /// A copy that later changes do not affect, because pages are replaced and never changed in place.
    /// </summary>
    public SimPages Snapshot() => new(Length, new SortedList<long, byte[]>(pages));

    public void Reserve(long page) => pages.TryAdd(page, Unwritten);

    public void Put(long page, byte[] content) => pages[page] = content;

    public void Drop(long page) => pages.Remove(page);

    /// <summary>Puts a page of <see cref="At"/> back.</summary>
    public void Restore(long page, byte[]? held)
    {
        if (held is null)
            pages.Remove(page);
        else
            pages[page] = held;
    }

    public void SetLength(long length)
    {
        while (pages.Count > 0 && pages.Keys[^1] * PageBytes >= length)
            pages.RemoveAt(pages.Count - 1);
        int tail = (int)(length % PageBytes);
        if (length < Length && tail > 0 && IsData(length / PageBytes))
        {
            byte[] cut = Page(length / PageBytes).ToArray();
            cut.AsSpan(tail).Clear();
            Put(length / PageBytes, cut);
        }

        Length = length;
    }

    public void Read(long offset, Span<byte> to)
    {
        while (to.Length > 0)
        {
            int inPage = (int)(offset % PageBytes);
            int take = Math.Min(to.Length, PageBytes - inPage);
            Page(offset / PageBytes).Slice(inPage, take).CopyTo(to);
            offset += take;
            to = to[take..];
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        Length = Math.Max(Length, offset + from.Length);
        while (from.Length > 0)
        {
            int inPage = (int)(offset % PageBytes);
            int take = Math.Min(from.Length, PageBytes - inPage);
            byte[] fresh = take == PageBytes ? new byte[PageBytes] : Page(offset / PageBytes).ToArray();
            from[..take].CopyTo(fresh.AsSpan(inPage));
            Put(offset / PageBytes, fresh);
            offset += take;
            from = from[take..];
        }
    }

    /// <summary>The first data at or after an offset; -1 when there is none.</summary>
    public long NextData(long offset)
    {
        for (int i = FirstAtOrAfter(offset / PageBytes); i < pages.Count; i++)
        {
            if (!ReferenceEquals(pages.Values[i], Unwritten))
                return pages.Keys[i] * PageBytes >= Length ? -1 : Math.Max(offset, pages.Keys[i] * PageBytes);
        }

        return -1;
    }

    public long NextHole(long offset)
    {
        long page = offset / PageBytes;
        while (IsData(page))
            page++;
        return Math.Min(Length, Math.Max(offset, page * PageBytes));
    }

    private int FirstAtOrAfter(long page)
    {
        int low = 0;
        int high = pages.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pages.Keys[middle] < page)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
