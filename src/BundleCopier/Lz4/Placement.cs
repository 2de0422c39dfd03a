using BundleCopier.Write;

namespace BundleCopier.Lz4;

/// <summary>Where in a compressed file a segment's write goes, and what it consists of.</summary>
/// <param name="Offset">Where it starts, on a block boundary.</param>
/// <param name="ZeroGroups">Groups of zeros from the tape, first.</param>
/// <param name="ZeroBytes">Zeros (content) that then go into a frame of their own; less than a group.</param>
internal readonly record struct Placement(long Offset, long ZeroGroups, int ZeroBytes)
{
    /// <summary>Where the data frame's own write starts, behind the groups.</summary>
    public long FrameWriteOffset => Offset + (ZeroGroups * ZeroFrames.GroupBytes);
}
