namespace BundleCopier;

/// <summary>What holds a copy back, beside the speed of the disk.</summary>
public enum CopyHold
{
    /// <summary>Another program needs the disk.</summary>
    Disk,

    /// <summary>Tasks of the machine wait for memory.</summary>
    Memory,

    /// <summary>The setting <c>writer.max-rate</c>.</summary>
    MaxRate,
}
