using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Segments;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Read;

public sealed class SegmentInspectorTests
{
    [Fact]
    public void The_hash_is_that_of_the_format_however_the_segment_was_cut_into_pieces() => Seeds.Each(1, 200, seed =>
    {
        Random random = new(seed);
        SimPages pages = SimContent.Draw(random, SegmentGrid.SegmentBytes);
        byte[] segment = new byte[SegmentGrid.SegmentBytes];
        pages.Read(0, segment);
        SegmentInspector inspector = new();
        inspector.Begin();
        for (int block = 0; block < SegmentGrid.BlocksPerSegment;)
        {
            int blocks = Math.Min(random.Next(1, 70), SegmentGrid.BlocksPerSegment - block);
            inspector.Inspect(segment, block * Alignment.Bytes, blocks * Alignment.Bytes);
            block += blocks;
        }

        FileChecksum checksum = new();
        if (inspector.End() is { } digest)
            checksum.Add(0, digest);
        Assert.Equal(
            ExpectedChecksum.Of(pages.Present.Select(p => (p, pages.Page(p).ToArray())), segment.Length),
            FileChecksum.Format(checksum.Complete(segment.Length)));
        Assert.Equal(
            pages.Present.Count(
                p => pages.Page(p).ContainsAnyExcept((byte)0)) * Alignment.Bytes, inspector.Found.TotalBytes);
    });
}
