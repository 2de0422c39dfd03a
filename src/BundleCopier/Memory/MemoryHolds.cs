namespace BundleCopier.Memory;

/// <summary>
/// Counts what may still use the memory of a copy: the copy itself, and each call that hangs. The last one frees it.
/// Freed earlier, a read that returns late would write into memory that belongs to other code by then. Safe on any
/// thread.
/// </summary>
/// <param name="free">Frees the memory.</param>
internal sealed class MemoryHolds(Action free)
{
    private int holds = 1; // the copy's

    /// <summary>One more user.</summary>
    public void Hold() => Interlocked.Increment(ref holds);

    /// <summary>One user less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref holds) == 0)
            free();
    }
}
