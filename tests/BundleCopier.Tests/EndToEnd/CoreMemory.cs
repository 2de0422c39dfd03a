using System.Buffers.Binary;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Memory of a process in a bundle: a mapping in its core, or a file of its own.
/// </summary>
/// <param name="Address">The address in the core; 0 for a file of its own.</param>
/// <param name="Bytes">What was in it.</param>
internal sealed record CoreMemory(long Address, byte[] Bytes)
{
    private const int HeaderBytes = 64;
    private const int Load = 1; // elf(5), PT_LOAD

    /// <summary>Reads one after the other what has at least so many bytes.</summary>
    /// <param name="bundle">The bundle; its files are not compressed.</param>
    /// <param name="minBytes">The bytes.</param>
    public static IEnumerable<CoreMemory> Of(string bundle, long minBytes)
    {
        string files = Path.Combine(bundle, "files");
        foreach (string path in Directory.GetFiles(files, "*", SearchOption.AllDirectories))
        {
            if (path == Path.Combine(files, "core"))
            {
                foreach (CoreMemory mapping in OfCore(path, minBytes))
                    yield return mapping;
            }
            else if (new FileInfo(path).Length >= minBytes)
            {
                yield return new CoreMemory(0, File.ReadAllBytes(path));
            }
        }
    }

    private static IEnumerable<CoreMemory> OfCore(string path, long minBytes)
    {
        using FileStream core = File.OpenRead(path);
        byte[] header = Read(core, 0, HeaderBytes);
        long at = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(54));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        for (int i = 0; i < count; i++)
        {
            byte[] entry = Read(core, at + (i * size), size);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(8));
            long address = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(16));
            long length = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(32));
            if (BinaryPrimitives.ReadInt32LittleEndian(entry) == Load && length >= minBytes)
                yield return new CoreMemory(address, Read(core, offset, (int)length));
        }
    }

    private static byte[] Read(FileStream file, long offset, int length)
    {
        byte[] bytes = new byte[length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
