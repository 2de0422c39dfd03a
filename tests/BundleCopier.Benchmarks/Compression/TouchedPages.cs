namespace BundleCopier.Benchmarks.Compression;

/// <summary>
/// The pages of a core dump that hold data. Pages that were reserved and never touched would make every copy look
/// fast.
/// </summary>
public static class TouchedPages
{
    private const int PageBytes = 4096;

    /// <summary>Appends those pages of one file that are not all zero to another file.</summary>
    public static void Append(string from, string to)
    {
        byte[] page = new byte[PageBytes];
        using FileStream input = File.OpenRead(from);
        using FileStream output = new(to, FileMode.Append);
        for (int count; (count = input.ReadAtLeast(page, PageBytes, throwOnEndOfStream: false)) > 0;)
        {
            if (page.AsSpan(0, count).ContainsAnyExcept((byte)0))
                output.Write(page, 0, count);
        }
    }
}
