using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Makes source files in shared memory. Their data has no block of zeros unless a test asks for it.
/// </summary>
internal static class SourceFile
{
    private const int PieceBytes = 1 << 20;
    private const int PageBytes = 4096;

    /// <summary>A file of random bytes.</summary>
    public static string Dense(string path, long sizeBytes)
    {
        Sparse(path, sizeBytes, (0, sizeBytes));
        return path;
    }

    /// <summary>A file with data at some places and holes everywhere else.</summary>
    public static string Sparse(string path, long sizeBytes, params (long Offset, long Length)[] data)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(file, sizeBytes);
        foreach ((long offset, long length) in data)
            Write(file, offset, length);
        return path;
    }

    public static void Write(SafeFileHandle file, long offset, long length)
    {
        byte[] piece = new byte[(int)Math.Min(length, PieceBytes)];
        ulong state = 0x9E37_79B9_7F4A_7C15 ^ (ulong)offset ^ ((ulong)length << 32);
        for (long at = 0; at < length; at += piece.Length)
        {
            Fill(piece, ref state);
            RandomAccess.Write(file, piece.AsSpan(0, (int)Math.Min(piece.Length, length - at)), offset + at);
        }
    }

    /// <summary>
    /// A large file, made about as fast as memory can be allocated: the same piece of random bytes or text again and
    /// again, with the number of each page in it.
    /// </summary>
    public static string Large(string path, long sizeBytes, bool isText = false)
    {
        using SafeFileHandle file =
            File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (isText)
            WriteText(file, 0, PieceBytes);
        else
            Write(file, 0, PieceBytes);
        byte[] piece = new byte[PieceBytes];
        RandomAccess.Read(file, piece, 0);
        for (long at = 0; at < sizeBytes; at += piece.Length)
        {
            for (int page = 0; page < piece.Length; page += PageBytes)
                BinaryPrimitives.WriteInt64BigEndian(piece.AsSpan(page), at + page + 1);
            RandomAccess.Write(file, piece.AsSpan(0, (int)Math.Min(piece.Length, sizeBytes - at)), at);
        }

        return path;
    }

    /// <summary>A file of lines as in a log.</summary>
    public static string Text(string path, long sizeBytes)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        WriteText(file, 0, sizeBytes);
        return path;
    }

    public static void WriteText(SafeFileHandle file, long offset, long length)
    {
        StringBuilder piece = new();
        for (long at = 0, line = offset; at < length; at += piece.Length)
        {
            piece.Clear();
            while (piece.Length < PieceBytes)
                piece.Append(
                    CultureInfo.InvariantCulture,
                    $"{line++:d9} engine: worker {line * line % 7919} took {line * 31 % 104729} us\n");
            byte[] bytes = Encoding.ASCII.GetBytes(piece.ToString());
            RandomAccess.Write(file, bytes.AsSpan(0, (int)Math.Min(bytes.Length, length - at)), offset + at);
        }
    }

    // xorshift64: fast, never compressible, never zero
    private static void Fill(byte[] piece, ref ulong state)
    {
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(piece.AsSpan()))
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word = state;
        }

        // The last bytes of a piece whose length is not a multiple of eight.
        for (int i = piece.Length & ~7; i < piece.Length; i++)
            piece[i] = (byte)(0x5A ^ i);
    }
}
