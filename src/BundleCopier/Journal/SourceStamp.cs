using System.IO.Hashing;
using System.Runtime.InteropServices;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Journal;

/// <summary>
/// What tells that a source is the same file as in an earlier run, and unchanged as far as stat(2) tells, and that the
/// same bytes of it are wanted.
/// </summary>
/// <param name="Device">The filesystem.</param>
/// <param name="Inode">The file in the filesystem.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="ModifiedAt">Its mtime.</param>
/// <param name="ChangedAt">Its ctime.</param>
/// <param name="WantedHash">The hash of the wanted ranges.</param>
internal readonly record struct SourceStamp(
    ulong Device, ulong Inode, long SizeBytes, Timestamp ModifiedAt, Timestamp ChangedAt, ulong WantedHash)
{
    /// <summary>The other one is of the same file, which may have changed meanwhile.</summary>
    public bool IsOfSameFile(in SourceStamp other) => (Device, Inode) == (other.Device, other.Inode);

    /// <summary>The stamp of a file.</summary>
    /// <param name="status">Its status when it was opened.</param>
    /// <param name="wanted">The wanted bytes.</param>
    public static SourceStamp Of(in FileStat status, RangeSet wanted) => new(
        status.Device,
        status.Inode,
        status.SizeBytes,
        status.ModifiedAt,
        status.ChangedAt,
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(wanted.AsSpan())));
}
