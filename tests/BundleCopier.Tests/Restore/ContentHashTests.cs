using System.IO.Hashing;
using BundleCopier.Lz4;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class ContentHashTests
{
    private static readonly byte[] Content = Random(70_000);

    [Fact]
    public void Every_length_has_the_checksum_that_others_compute()
    {
        for (int length = 0; length < 400; length++)
            Assert.Equal(XxHash32.HashToUInt32(Content.AsSpan(0, length)), ContentHash.Of(Content.AsSpan(0, length)));
    }

    [Fact]
    public void Pieces_have_the_checksum_of_the_whole_wherever_they_lie_in_memory()
    {
        for (int pieceBytes = 16; pieceBytes <= 8192; pieceBytes *= 2)
        {
            for (int start = 0; start < 5; start++)
            {
                ContentHash hash = new();
                ReadOnlySpan<byte> content = Content.AsSpan(start);
                for (int at = 0; at < content.Length; at += pieceBytes)
                    hash.Append(content[at..Math.Min(at + pieceBytes, content.Length)]);
                Assert.Equal(XxHash32.HashToUInt32(content), hash.End());
            }
        }
    }

    [Fact]
    public void A_hash_that_is_begun_anew_knows_nothing_of_what_came_before()
    {
        ContentHash hash = new();
        hash.Append(Content.AsSpan(0, 33));
        hash.Reset();
        hash.Append(Content.AsSpan(0, 48));
        Assert.Equal(XxHash32.HashToUInt32(Content.AsSpan(0, 48)), hash.End());
    }

    [Fact]
    public void Nothing_comes_behind_a_piece_that_ends_within_a_stripe()
    {
        ContentHash hash = new();
        hash.Append(Content.AsSpan(0, 17));
        InvalidOperationException? thrown = null;
        try
        {
            hash.Append(Content.AsSpan(0, 16));
        }
        catch (InvalidOperationException e)
        {
            thrown = e;
        }

        Assert.NotNull(thrown);
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
