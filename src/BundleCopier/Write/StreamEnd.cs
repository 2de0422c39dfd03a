using BundleCopier.Lz4;

namespace BundleCopier.Write;

/// <summary>What a compressed file needs behind its last data frame.</summary>
/// <param name="Offset">Where it goes, on a block boundary.</param>
/// <param name="ZeroBytes">Zeros (content) that follow the last data frame.</param>
/// <param name="ContentBytes">How much content there is then, for the seek table.</param>
/// <param name="Entries">The data frames, for the seek table.</param>
/// <param name="IsCut">
/// Something may have been written behind the offset, which nobody needs and whose room the end does.
/// </param>
internal sealed record StreamEnd(
    long Offset, long ZeroBytes, long ContentBytes, IReadOnlyList<SeekEntry> Entries, bool IsCut = false);
