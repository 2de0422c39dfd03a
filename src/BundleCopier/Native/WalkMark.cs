namespace BundleCopier.Native;

/// <summary>
/// How far a thread has come that walks along a path or through a tree. While a lookup hangs, another thread sees here
/// in which mount. Finding the number of a mount asks no filesystem.
/// </summary>
internal sealed class WalkMark
{
    [ThreadStatic]
    private static WalkMark? own;

    private ulong parentMount;
    private ulong mount;
    private long steps;

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

    /// <summary>
    /// The system calls on names that have returned: a walk through a tree of many files gets on. It never goes back.
    /// </summary>
    public long Steps => Volatile.Read(ref steps);

    /// <summary>A system call on a name has returned.</summary>
    public void Step() => Volatile.Write(ref steps, steps + 1);

    /// <summary>A walk or another call begins.</summary>
    public void Clear() => Mount = ParentMount = 0;
}
