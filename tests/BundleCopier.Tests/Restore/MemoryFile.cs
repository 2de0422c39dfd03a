using System.Runtime.InteropServices;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>A file of a bundle in memory.</summary>
internal sealed class MemoryFile(byte[] bytes) : ISourceFile
{
    public FileTraits Traits => default;

    /// <summary>How often it was read.</summary>
    public int Reads { get; private set; }

    public FileStat Found => default(FileStat) with { SizeBytes = bytes.Length };

    public IoResult Status(out FileStat status)
    {
        status = Found;
        return IoResult.Done;
    }

    public IoResult Read(nint destination, int length, long offset)
    {
        Reads++;
        int count = (int)Math.Max(0, Math.Min(length, bytes.Length - offset));
        Marshal.Copy(bytes, (int)Math.Min(offset, bytes.Length), destination, count);
        return IoResult.Ok(count);
    }

    public IoResult SeekData(long offset) => throw new NotSupportedException();

    public IoResult SeekHole(long offset) => throw new NotSupportedException();

    public bool IsPopulated(long offset, long length) => throw new NotSupportedException();

    public IoResult<IMappedWindow> Map(long offset, int length) => throw new NotSupportedException();

    public bool IsQuiet() => throw new NotSupportedException();

    public IoResult<string[]> XattrNames() => IoResult<string[]>.Ok([]);

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => IoResult<byte[]>.Failed(ENODATA);

    public long CachedBytes() => throw new NotSupportedException();

    public void DropCache(long offset, long length) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
