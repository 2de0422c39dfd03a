namespace BundleCopier.Tests.EndToEnd;

/// <summary>A disk without a free block.</summary>
internal static class FullDisk
{
    /// <summary>Writes a file until the disk is full.</summary>
    public static void Fill(string path)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        // In smaller and smaller pieces, to the last block.
        for (int size = 1 << 20; size >= 1024; size /= 2)
        {
            byte[] piece = new byte[size];
            Array.Fill(piece, (byte)1);
            try
            {
                while (true)
                    file.Write(piece);
            }
            catch (IOException)
            {
                // There is no space for a piece of this size.
            }
        }
    }
}
