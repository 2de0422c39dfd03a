using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Compares sources with their copies, a piece at a time.</summary>
internal static class Same
{
    private const int PieceBytes = 1 << 20;

    /// <summary>The files have the same length and the same bytes. Holes that both have are skipped.</summary>
    public static void Bytes(string source, string output)
    {
        Assert.Equal(Kernel.StatusOf(source).SizeBytes, Kernel.StatusOf(output).SizeBytes);
        foreach (Kernel.Stretch stretch in Kernel.DataOf(source).Union(Kernel.DataOf(output)))
            Stretch(source, output, stretch.Start, stretch.End);
    }

    /// <summary>The files are equal between two offsets.</summary>
    public static void Stretch(string source, string output, long start, long end)
    {
        using SafeFileHandle left = Open(source);
        using SafeFileHandle right = Open(output);
        byte[] leftPiece = new byte[PieceBytes];
        byte[] rightPiece = new byte[PieceBytes];
        for (long at = start; at < end; at += PieceBytes)
        {
            int count = (int)Math.Min(PieceBytes, end - at);
            Assert.Equal(count, RandomAccess.Read(left, leftPiece.AsSpan(0, count), at));
            Assert.Equal(count, RandomAccess.Read(right, rightPiece.AsSpan(0, count), at));
            int common = leftPiece.AsSpan(0, count).CommonPrefixLength(rightPiece.AsSpan(0, count));
            Assert.True(common == count, $"{output} differs from {source} at offset {at + common}.");
        }
    }

    /// <summary>Both files have data and holes at the same places.</summary>
    public static void Holes(string source, string output) =>
        Assert.Equal(Kernel.DataOf(source), Kernel.DataOf(output));

    /// <summary>The file has only zeros between two offsets.</summary>
    public static void Zeros(string file, long start, long end)
    {
        using SafeFileHandle handle = Open(file);
        byte[] piece = new byte[PieceBytes];
        for (long at = start; at < end; at += PieceBytes)
        {
            int count = RandomAccess.Read(handle, piece.AsSpan(0, (int)Math.Min(PieceBytes, end - at)), at);
            Assert.False(
                piece.AsSpan(0, count)
                .ContainsAnyExcept((byte)0), $"{file} is not zero between {at} and {at + count}.");
        }
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
}
