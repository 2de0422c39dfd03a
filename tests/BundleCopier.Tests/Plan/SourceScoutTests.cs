using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Plan;
using Xunit;

namespace BundleCopier.Tests.Plan;

public sealed class SourceScoutTests
{
    [Theory]
    [InlineData(FrameFormat.MaxTableContentBytes, Compression.Lz4)]
    [InlineData(FrameFormat.MaxTableContentBytes + 1, Compression.None)]
    public void A_file_too_large_for_a_seek_table_is_stored_raw(long sizeBytes, Compression expected) =>
        Assert.Equal(expected, SourceScout.ChooseCompression(Compression.Lz4, sizeBytes, dataBytes: sizeBytes));
}
