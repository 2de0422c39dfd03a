using BundleCopier.Lz4;

namespace BundleCopier.Write;

/// <summary>What a compressed file needs behind its last data frame.</summary>
/// <param name="Offset">The offset at which it is written, on a block boundary.</param>
/// <param name="ZeroBytes">The number of zeros (content) behind the last data frame.</param>
/// <param name="ContentBytes">The size of the whole content, for the seek table.</param>
/// <param name="Entries">The data frames, for the seek table.</param>
/// <param name="IsCut">
/// True when frames that are not part of the stream may be on disk behind the offset. They are cut off first, which
/// makes room for the end.
/// </param>
internal sealed record StreamEnd(
    long Offset, long ZeroBytes, long ContentBytes, IReadOnlyList<SeekEntry> Entries, bool IsCut = false);
