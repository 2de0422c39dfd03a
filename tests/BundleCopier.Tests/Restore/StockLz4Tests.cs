using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>Stock programs restore the bytes without bundlecopy.</summary>
public sealed class StockLz4Tests : IDisposable
{
    private readonly TestBundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [StockLz4Fact]
    public void Stock_lz4_reads_what_the_reference_encoder_writes()
    {
        foreach ((string what, byte[] content, byte[] file) in Contents.All)
        {
            File.WriteAllBytes(Path.Combine(bundle.Root, "x.lz4"), file);
            Assert.True(
                Stock.Shell(
                bundle.Root, "lz4 -q -t x.lz4 && lz4 -q -d -f x.lz4 x", out string said) == 0, $"{what}: {said}");
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(bundle.Root, "x"))), what);
        }
    }

    [StockLz4Fact]
    public void One_segment_is_decoded_with_nothing_but_dd_and_lz4()
    {
        byte[] content = Contents.Sparse((11 << 20) + 5, 5, 1, 2, 9);
        bundle.AddLz4("x", content);
        // The last 40 bytes say how many entries there are and where the table is; the second entry is of segment 2.
        const string Script = """
            number() { od -An -v -t u"$3" -j "$1" -N "$3" "$2" | tr -d ' '; }
            size=$(stat -c %s x.lz4)
            count=$(number $((size - 32)) x.lz4 8)
            table=$(number $((size - 24)) x.lz4 8)
            entry=$((table + 8 + 24 * 1))
            echo "$count entries, segment $(number $entry x.lz4 4)"
            dd if=x.lz4 bs=1 skip=$(number $((entry + 8)) x.lz4 8) count=$(
                number $((entry + 4)) x.lz4 4) 2>/dev/null | lz4 -q -d >segment
            """;
        Assert.Equal(0, Stock.Shell(Path.Combine(bundle.Bundle, "files"), Script, out string said));
        Assert.Equal("3 entries, segment 2", said.Trim());
        Assert.Equal(
            content.AsSpan(2 << 20, 1 << 20)
            .ToArray(), File.ReadAllBytes(Path.Combine(bundle.Bundle, "files", "segment")));
    }
}
