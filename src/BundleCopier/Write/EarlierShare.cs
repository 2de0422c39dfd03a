using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Plan;

namespace BundleCopier.Write;

/// <summary>What an earlier run has saved of a file, as its journal says.</summary>
/// <param name="DataBytes">Data of the source, in bytes.</param>
/// <param name="IsCompressed">It is in an LZ4 stream.</param>
internal readonly record struct EarlierShare(long DataBytes, bool IsCompressed)
{
    /// <summary>The share of each file, by its place in the order of the bundle.</summary>
    public static EarlierShare[] Of(EarlierRun earlier, SourceListing listing)
    {
        EarlierShare[] shares = new EarlierShare[listing.Count];
        for (int i = 0; i < shares.Length; i++)
        {
            string name = listing.NameOf(i);
            EarlierShare raw = Of(earlier, name, isCompressed: false);
            EarlierShare compressed = Of(earlier, name, isCompressed: true);
            shares[i] = compressed.DataBytes > raw.DataBytes ? compressed : raw;
        }

        return shares;
    }

    private static EarlierShare Of(EarlierRun earlier, string name, bool isCompressed) =>
        earlier.Files.TryGetValue(BundleNames.Output(name, isCompressed), out JournaledFile? file)
            ? new EarlierShare(file.Segments.DataBytes, isCompressed)
            : default;
}
