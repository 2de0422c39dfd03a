using BundleCopier.Model;
using BundleCopier.Plan;

namespace BundleCopier.Supervise;

/// <summary>Which small files share a slab and an order. Pure.</summary>
internal static class SmallFileBatch
{
    /// <summary>Larger files are copied as fast each by itself.</summary>
    public const int MaxSmallFileBytes = 64 * 1024;

    // As many as one submission to the disk takes.
    private const int MaxFiles = 128;

    /// <summary>It is stored as it is, and so small that it pays to send it with others.</summary>
    public static bool IsSmall(OpenedSource source) =>
        source is { IsCompressed: false, Status.SizeBytes: <= MaxSmallFileBytes };

    /// <summary>The file's next segment may share a slab.</summary>
    public static bool CanShare(FileSegments file) =>
        file.Source.ReadMode == ReadMode.Slab
        && !file.Source.CanHang
        && IsSmall(file.Source)
        && file.Next is { Kills: 0, IsRewrite: false };

    /// <summary>The file's part of a slab, in bytes.</summary>
    public static int PartBytes(FileSegments file) => (int)Alignment.Up(file.Source.Status.SizeBytes);

    /// <summary>
    /// The files that may share a slab with the file that is next, and that file. No file overtakes a more important
    /// one.
    /// </summary>
    /// <param name="files">All files that are being copied, in order.</param>
    /// <param name="first">The file that is next.</param>
    public static List<FileSegments> Find(List<FileSegments> files, FileSegments first)
    {
        List<FileSegments> found = [];
        int sizeBytes = 0;
        for (int i = files.IndexOf(first); i < files.Count && found.Count < MaxFiles; i++)
        {
            FileSegments file = files[i];
            if (file.Pending == 0)
                continue;
            if (!CanShare(file) || sizeBytes + PartBytes(file) > SegmentGrid.SegmentBytes)
                break;
            found.Add(file);
            sizeBytes += PartBytes(file);
        }

        return found;
    }
}
