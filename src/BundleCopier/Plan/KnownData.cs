using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// The data of a file that was found last, shared by its readers. Finding the end of data takes time in proportion to
/// its length, so a dense file should be walked once, not once by each reader.
/// </summary>
internal sealed class KnownData
{
    private readonly Lock gate = new();
    private Extent found;
    private volatile bool isDoubted;

    /// <summary>A segment that was taken for data turned out not to be, so readers must check every segment.</summary>
    public bool IsDoubted => isDoubted;

    /// <summary>
    /// As <see cref="ExtentWalk.Next"/>, but asks the file only for what neither this reader nor another one knows.
    /// </summary>
    /// <param name="file">The source.</param>
    /// <param name="offset">The offset to start from.</param>
    /// <param name="limit">The offset to stop at.</param>
    /// <param name="own">The data that this reader found last.</param>
    public IoResult<Extent?> Next(OpenedSource file, long offset, long limit, ref Extent own)
    {
        if (offset >= own.Offset && offset < own.End)
            return ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref own);
        if (file.CanHang)
            return NextAlone(file, offset, limit, ref own);
        // A second reader waits for the first: it would walk the same data, and need as long.
        lock (gate)
        {
            own = found;
            IoResult<Extent?> next = ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref own);
            found = own;
            return next;
        }
    }

    /// <summary>Sets <see cref="IsDoubted"/>.</summary>
    public void Doubt() => isDoubted = true;

    // A reader whose call hangs must not keep the others waiting.
    private IoResult<Extent?> NextAlone(OpenedSource file, long offset, long limit, ref Extent own)
    {
        lock (gate)
            own = found;
        IoResult<Extent?> next = ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref own);
        lock (gate)
            found = own;
        return next;
    }

    /// <summary>Drops what was found, because it may no longer be true.</summary>
    public void Forget()
    {
        lock (gate)
            found = default;
    }
}
