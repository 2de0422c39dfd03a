using BundleCopier.Write;

namespace BundleCopier.Lz4;

/// <summary>Where a segment's write goes in a compressed file, and the zeros that come before its frame.</summary>
/// <param name="Offset">The offset of the write: a block boundary.</param>
/// <param name="ZeroGroups">The number of groups of prepared zero frames that come first.</param>
/// <param name="ZeroBytes">
/// The zeros (bytes of content) behind these groups, in a frame of their own; less than a group.
/// </param>
internal readonly record struct Placement(long Offset, long ZeroGroups, int ZeroBytes)
{
    /// <summary>The offset behind the groups, where the write of the data frame starts.</summary>
    public long FrameWriteOffset => Offset + (ZeroGroups * ZeroFrames.GroupBytes);
}
