using BundleCopier.Lz4;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Writes what a compressed file needs behind its last data frame: trailing zeros and the seek table. Works in the
/// keeper's slab, because the budget's are for data in flight and a file that ends must not wait for them.
/// </summary>
internal sealed class StreamEndWriter(nint slab, ZeroFrames zeros)
{
    /// <summary>Writes the end of a file; its length is then the end's offset and what was added.</summary>
    public Errno Write(IOutputFile file, StreamEnd end, out long addedBytes)
    {
        addedBytes = 0;
        if (end.IsCut && file.SetLength(end.Offset) is { IsOk: false } cut)
            return cut.Error;
        long groups = end.ZeroBytes / ZeroFrames.GroupContentBytes;
        if (groups > 0 && zeros.Write(file, end.Offset, groups) is { IsError: true } failed)
            return failed;

        long start = end.Offset + (groups * ZeroFrames.GroupBytes);
        using SlabStream stream = new(file, slab, start);
        int restBytes = (int)(end.ZeroBytes % ZeroFrames.GroupContentBytes);
        if (restBytes > 0)
        {
            Span<byte> frame = stackalloc byte[ZeroFrame.SizeOf(restBytes)]; // at most 17 KiB
            ZeroFrame.Write(frame, restBytes);
            stream.Write(frame);
        }

        SeekTable.Write(stream, end.Entries, end.ContentBytes, start + stream.Length);
        addedBytes = start + stream.Length - end.Offset;
        return stream.WriteRest();
    }
}
