namespace CrashingEngine;

/// <summary>Much more address space than is used: a huge file that is a hole with small islands of data.</summary>
internal static class Arena
{
    private const int PageBytes = 4096;

    public static void Create(string path, long length, ulong seed)
    {
        using FileStream file = SharedMemory.Create(path);
        file.SetLength(length);
        Write(file, 0, PageBytes, seed);
        Write(file, length / 2 / PageBytes * PageBytes, 3 << 20, seed + 1);
        Write(file, Math.Max(0, (length - 1) / PageBytes * PageBytes), PageBytes, seed + 2);
    }

    private static void Write(FileStream file, long offset, int islandBytes, ulong seed)
    {
        var island = new byte[Math.Min(islandBytes, file.Length - offset)];
        new Seeded(seed).Fill(island);
        RandomAccess.Write(file.SafeFileHandle, island, offset);
    }
}
