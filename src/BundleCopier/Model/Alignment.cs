namespace BundleCopier.Model;

/// <summary>The block size that direct I/O requires of addresses, offsets and lengths.</summary>
internal static class Alignment
{
    /// <summary>
    /// One block. Filesystems require 512 or 4096 bytes (statx(2), STATX_DIOALIGN); 4096 satisfies both. Zeros become
    /// holes in units of one block. A block is a page on x64, but arm64 kernels may have pages of 16 or 64 KiB;
    /// therefore mmap(2), which needs pages, is only called for whole segments.
    /// </summary>
    public const int Bytes = 4096;

    public static long Down(long value) => value & -Bytes;

    public static long Up(long value) => (value + Bytes - 1) & -Bytes;

    public static bool IsAligned(long value) => (value & (Bytes - 1)) == 0;
}
