using BundleCopier.Benchmarks.Sources;
using Xunit;

namespace BundleCopier.Tests.Benchmarks;

public sealed class SourceMakerTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("bundlecopy-sources").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void A_heap_like_file_is_dense_and_the_same_for_the_same_seed()
    {
        const int Bytes = 1 << 20;
        byte[] first = Made("first", 7), again = Made("again", 7), other = Made("other", 8);

        Assert.Equal(Bytes, first.Length);
        Assert.All(first.Chunk(Environment.SystemPageSize), page => Assert.Contains(page, b => b != 0));
        Assert.True(first.AsSpan().SequenceEqual(again));
        Assert.False(first.AsSpan().SequenceEqual(other));

        byte[] Made(string name, ulong seed)
        {
            string path = Path.Combine(directory, name);
            new SourceMaker(seed).HeapLike(path, Bytes);
            return File.ReadAllBytes(path);
        }
    }

    [Fact]
    public void A_sparse_file_has_its_data_spread_over_its_length()
    {
        string path = Path.Combine(directory, "sparse");
        new SourceMaker(7).Sparse(path, 64 << 20, pieces: 4);

        using FileStream file = File.OpenRead(path);
        byte[] piece = new byte[1 << 20];
        bool[] hasData = new bool[64];
        foreach (ref bool found in hasData.AsSpan())
        {
            file.ReadExactly(piece);
            found = piece.AsSpan().ContainsAnyExcept((byte)0);
        }

        Assert.Equal([0, 16, 32, 48], Enumerable.Range(0, 64).Where(i => hasData[i]));
    }
}
