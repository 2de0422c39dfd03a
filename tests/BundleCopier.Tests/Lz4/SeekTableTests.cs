using System.Collections;
using BundleCopier.Lz4;
using Xunit;

namespace BundleCopier.Tests.Lz4;

public sealed class SeekTableTests
{
    // (2^32 - 1 - 40) / 24, docs/format.md
    private const int MaxCount = 178_956_968;

    [Theory]
    [InlineData(0, 40)]
    [InlineData(89_478_484, (89_478_484L * 24) + 40)]
    [InlineData(MaxCount, (MaxCount * 24L) + 40)]
    public void A_table_of_any_length_that_the_format_has_says_its_length(int count, long length)
    {
        using MemoryStream table = new();
        SeekTable.Write(table, new Claimed(count), contentBytes: 0, offset: 0);
        Assert.Equal((ulong)length, FrameFormat.Word(table.ToArray(), FrameFormat.MagicBytes));
    }

    [Fact]
    public void A_longer_table_is_a_bug_and_not_written() => Assert.Throws<OverflowException>(
        static () => SeekTable.Write(Stream.Null, new Claimed(MaxCount + 1), contentBytes: 0, offset: 0));

    /// <summary>A list that says how long it is and has nothing in it.</summary>
    private sealed class Claimed(int count) : IReadOnlyList<SeekEntry>
    {
        public int Count => count;

        public SeekEntry this[int index] => throw new NotSupportedException();

        public IEnumerator<SeekEntry> GetEnumerator() => Enumerable.Empty<SeekEntry>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
