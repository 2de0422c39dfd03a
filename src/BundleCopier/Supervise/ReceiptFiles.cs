using System.Collections;
using BundleCopier.Model;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>
/// The receipt's entries, each made when it is asked for: a receipt of 100,000 files is never in memory as a whole.
/// </summary>
internal sealed class ReceiptFiles(
    SourceListing listing, FileOutcome[] outcomes, OutputIo io, bool hasSegmentChecksums = true)
    : IReadOnlyList<ReceiptFile>
{
    public int Count => outcomes.Length;

    public ReceiptFile this[int index]
    {
        get
        {
            ReceiptFile file = outcomes[index].ToReceipt(listing.SourceOf(index), listing.NameOf(index), io);
            if (listing.MappingsOf(index) is { } mappings)
                file = file with { Process = mappings.Known, MoreMappings = mappings.MoreCount };
            return hasSegmentChecksums ? file : file with { SegmentChecksumsOffset = null };
        }
    }

    public IEnumerator<ReceiptFile> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
