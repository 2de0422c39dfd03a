using System.Runtime.InteropServices;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>A stream of which the start was read already: it comes again, and then the rest.</summary>
internal sealed class StartedStream(ISourceFile rest, byte[] start) : ISourceFile
{
    private int given;

    public FileTraits Traits => rest.Traits;

    public FileStat Found => rest.Found;

    public IoResult Status(out FileStat status) => rest.Status(out status);

    public IoResult AwaitData(int waitMs) => given < start.Length ? IoResult.Ok(1) : rest.AwaitData(waitMs);

    public IoResult Read(nint destination, int length, long offset)
    {
        if (given == start.Length)
            return rest.Read(destination, length, offset);
        int taken = Math.Min(length, start.Length - given);
        Marshal.Copy(start, given, destination, taken);
        given += taken;
        return IoResult.Ok(taken);
    }

    public IoResult SeekData(long offset) => IoResult.Failed(ESPIPE);

    public IoResult SeekHole(long offset) => IoResult.Failed(ESPIPE);

    public bool IsPopulated(long offset, long length) => false;

    public IoResult<IMappedWindow> Map(long offset, int length) => rest.Map(offset, length);

    public bool IsQuiet() => false;

    public IoResult<string[]> XattrNames() => rest.XattrNames();

    public IoResult<byte[]> ReadXattr(string name, int maxBytes) => rest.ReadXattr(name, maxBytes);

    public long CachedBytes() => 0;

    public void DropCache(long offset, long length)
    {
    }

    public void Dispose() => rest.Dispose();
}
