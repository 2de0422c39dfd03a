namespace BundleCopier.Native;

/// <summary>
/// How far the path walk of a thread has come. While a lookup hangs, another thread sees here in which mount. Finding
/// the number of a mount asks no filesystem.
/// </summary>
internal sealed class WalkMark
{
    [ThreadStatic]
    private static WalkMark? own;

    private ulong parentMount;
    private ulong mount;

    /// <summary>The calling thread's.</summary>
    public static WalkMark OfThisThread => own ??= new WalkMark();

    /// <summary>The mount that the walk has reached; 0 where it has reached none.</summary>
    public ulong Mount
    {
        get => Volatile.Read(ref mount);
        set => Volatile.Write(ref mount, value);
    }

    /// <summary>The mount of the directory of the path's last name; 0 where the walk has not come so far.</summary>
    public ulong ParentMount
    {
        get => Volatile.Read(ref parentMount);
        set => Volatile.Write(ref parentMount, value);
    }

    /// <summary>A walk or another call begins.</summary>
    public void Clear() => Mount = ParentMount = 0;
}
