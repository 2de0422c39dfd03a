namespace BundleCopier.Model;

/// <summary>What direct I/O asks of addresses, offsets and lengths.</summary>
internal static class Alignment
{
    /// <summary>
    /// One block. Filesystems ask for 512 or 4096 (statx, DIOALIGN); 4096 pleases both, and is the unit in which zeros become
    /// holes. It is also the page size on x64, but arm64 kernels may have pages of 16 or 64 KiB: what needs pages, mmap(2), is
    /// asked for whole segments.
    /// </summary>
    public const int Bytes = 4096;

    public static long Down(long value) => value & -Bytes;

    public static long Up(long value) => (value + Bytes - 1) & -Bytes;

    public static bool IsAligned(long value) => (value & (Bytes - 1)) == 0;
}
