namespace BundleCopier.Receipt;

/// <summary>
/// Reading any receipt takes little memory. The garbage collector lets large arrays that nothing uses any more add up
/// to more than all other memory, so it is asked to collect where such an array becomes garbage. The text of so large a
/// receipt takes longer to read.
/// </summary>
internal static class LittleMemory
{
    /// <summary>From this size on, an array counts.</summary>
    public const int LargeBytes = 1 << 20;

    /// <summary>Collects all garbage, and gives its memory back to the kernel.</summary>
    public static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
}
