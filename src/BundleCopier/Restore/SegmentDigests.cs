using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>The hashes that the segments of a raw file should have. Several threads can read it.</summary>
/// <param name="entries">The segments that are not all zeros, in order.</param>
internal sealed class SegmentDigests(IReadOnlyList<SegmentDigest> entries)
{
    /// <summary>The hash that a segment should have; null for one that should be all zeros.</summary>
    public ulong? DigestOf(long segment)
    {
        int at = FirstFrom(segment);
        return at < entries.Count && entries[at].Segment == segment ? entries[at].Digest : null;
    }

    /// <summary>The first segment from this one on that should have data; null when there is none.</summary>
    public long? NextFrom(long segment)
    {
        int at = FirstFrom(segment);
        return at < entries.Count ? entries[at].Segment : null;
    }

    private int FirstFrom(long segment)
    {
        int low = 0;
        int high = entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (entries[middle].Segment < segment)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
