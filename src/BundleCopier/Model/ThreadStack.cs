namespace BundleCopier.Model;

/// <summary>Sizes of stacks.</summary>
internal static class ThreadStack
{
    /// <summary>
    /// For threads without which the work goes on. No other thread of the program has this size: the native program
    /// knows by it that it need not end where such a thread cannot be started (last_resort.c).
    /// </summary>
    public const int OptionalBytes = 1088 * 1024;
}
