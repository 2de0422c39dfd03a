using System.IO.MemoryMappedFiles;

namespace BundleCopier.Benchmarks.Sources;

/// <summary>Makes sources. The same seed makes the same source.</summary>
public sealed class SourceMaker(ulong seed)
{
    private const int PieceBytes = 1 << 20;
    private readonly RandomBytes random = new(seed);

    /// <summary>
    /// Makes a dense file whose pages are first touched in random order through a shared mapping, like those of a
    /// heap. So neighbours in the file are seldom neighbours in memory. A file that was written in order makes copies
    /// from a mapping look too fast.
    /// </summary>
    public void HeapLike(string path, long bytes)
    {
        int pageBytes = Environment.SystemPageSize;
        int[] pages = [.. Enumerable.Range(0, checked((int)(bytes / pageBytes)))];
        for (int i = pages.Length - 1; i > 0; i--)
        {
            int other = random.Below(i + 1);
            (pages[i], pages[other]) = (pages[other], pages[i]);
        }

        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.CreateNew, null, bytes);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor();
        byte[] content = new byte[pageBytes];
        foreach (int page in pages)
        {
            random.Fill(content);
            view.WriteArray((long)page * pageBytes, content, 0, pageBytes);
        }
    }

    /// <summary>Makes a dense file, written from its beginning to its end.</summary>
    public void InOrder(string path, long bytes)
    {
        byte[] piece = new byte[PieceBytes];
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long at = 0; at < bytes; at += PieceBytes)
        {
            random.Fill(piece);
            file.Write(piece, 0, (int)Math.Min(PieceBytes, bytes - at));
        }
    }

    /// <summary>Makes a directory of files of one size.</summary>
    public void ManyFiles(string directory, int count, int bytesEach)
    {
        Directory.CreateDirectory(directory);
        byte[] content = new byte[bytesEach];
        for (int i = 0; i < count; i++)
        {
            random.Fill(content);
            File.WriteAllBytes(Path.Combine(directory, $"file{i:D6}"), content);
        }
    }

    /// <summary>Makes a sparse file with pieces of 1 MiB of data, spread evenly.</summary>
    public void Sparse(string path, long bytes, int pieces)
    {
        byte[] piece = new byte[PieceBytes];
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.SetLength(bytes);
        for (int i = 0; i < pieces; i++)
        {
            random.Fill(piece);
            file.Position = bytes / pieces * i;
            file.Write(piece);
        }
    }
}
