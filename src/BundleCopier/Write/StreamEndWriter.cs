using BundleCopier.Actors;
using BundleCopier.Lz4;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Writes the end of a compressed file: the zeros behind the last data frame, and the seek table. It uses the keeper's
/// slab and no lease of the budget, so the end of a file waits for no data in flight.
/// </summary>
internal sealed class StreamEndWriter(nint slab, ZeroFrames zeros, Pulse pulse)
{
    /// <summary>Writes the end of a file. The file is then up to a block longer than the stream.</summary>
    /// <returns>The number of bytes that the stream has after <see cref="StreamEnd.Offset"/>, or the error.</returns>
    public IoResult Write(IOutputFile file, StreamEnd end)
    {
        if (end.IsCut && file.SetLength(end.Offset) is { IsOk: false } cut)
            return cut;
        Placement placement = Placement.Of(end.Offset, end.ZeroBytes);
        if (FrameWriter.WriteZeros(file, zeros, placement, pulse: pulse) is { IsOk: false } failed)
            return failed;

        using SlabStream stream = new(file, slab, placement.FrameWriteOffset, pulse);
        if (placement.ZeroBytes > 0)
        {
            Span<byte> frame = stackalloc byte[ZeroFrame.SizeOf(placement.ZeroBytes)]; // at most 17 KiB
            ZeroFrame.Write(frame, placement.ZeroBytes);
            stream.Write(frame);
        }

        SeekTable.Write(stream, end.Entries, end.ContentBytes, placement.FrameWriteOffset + stream.Length);
        long addedBytes = placement.FrameWriteOffset + stream.Length - end.Offset;
        return stream.WriteRest() is { IsOk: false } unwritten ? unwritten : IoResult.Ok(addedBytes);
    }
}
