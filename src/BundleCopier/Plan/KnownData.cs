using BundleCopier.Model;

namespace BundleCopier.Plan;

/// <summary>
/// The data of a file that was found last, shared by all who walk it: to find where data ends takes time in
/// proportion to how long it is, and each reader asking for itself would walk a dense file once more.
/// </summary>
internal sealed class KnownData
{
    private readonly Lock gate = new();
    private Extent found;
    private volatile bool isDoubted;

    /// <summary>Some of the file was not what it was taken for: nothing more of it is taken for anything.</summary>
    public bool IsDoubted => isDoubted;

    /// <summary>
    /// As <see cref="ExtentWalk.Next"/>, asking the file only for what neither this walker nor another knows.
    /// </summary>
    /// <param name="file">The source.</param>
    /// <param name="offset">Where to start looking.</param>
    /// <param name="limit">Where to stop looking.</param>
    /// <param name="own">What this walker knows.</param>
    /// <param name="error">Why the file could not be asked; none otherwise.</param>
    public Extent? Next(OpenedSource file, long offset, long limit, ref Extent own, out Native.Errno error)
    {
        if (offset >= own.Offset && offset < own.End)
            return ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref own, out error);
        // Whoever comes while another walks would walk the same way: it is no longer to wait.
        lock (gate)
        {
            own = found;
            Extent? next = ExtentWalk.Next(file.Source, file.Ranges, offset, limit, ref own, out error);
            found = own;
            return next;
        }
    }

    /// <summary>Something of the file was not what it was taken for.</summary>
    public void Doubt() => isDoubted = true;

    /// <summary>What was found is not true any more.</summary>
    public void Forget()
    {
        lock (gate)
            found = default;
    }
}
