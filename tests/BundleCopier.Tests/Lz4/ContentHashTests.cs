using System.IO.Hashing;
using BundleCopier.Lz4;
using Xunit;

namespace BundleCopier.Tests.Lz4;

public sealed class ContentHashTests
{
    private static readonly byte[] Content = Random(70_000);

    [Fact]
    public void The_checksum_of_every_length_is_that_of_another_implementation()
    {
        for (int length = 0; length < 400; length++)
            Assert.Equal(XxHash32.HashToUInt32(Content.AsSpan(0, length)), ContentHash.Of(Content.AsSpan(0, length)));
    }

    [Fact]
    public void Pieces_give_the_checksum_of_the_whole_at_every_alignment_in_memory()
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
    public void A_reset_hash_forgets_all_earlier_pieces()
    {
        ContentHash hash = new();
        hash.Append(Content.AsSpan(0, 33));
        hash.Reset();
        hash.Append(Content.AsSpan(0, 48));
        Assert.Equal(XxHash32.HashToUInt32(Content.AsSpan(0, 48)), hash.End());
    }

    [Fact]
    public void Appending_behind_a_piece_that_ends_within_a_stripe_throws()
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
