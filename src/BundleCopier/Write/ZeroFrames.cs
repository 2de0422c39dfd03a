using BundleCopier.Actors;
using BundleCopier.Govern;
using BundleCopier.Lz4;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Eight frames of 4 MiB of zeros in memory, each padded to a block boundary. The same bytes serve every run of zeros
/// in every file, so a hole of any length needs no memory of its own.
/// </summary>
internal sealed class ZeroFrames
{
    private const int FramesInMemory = 8;

    private readonly nint address;

    /// <summary>The memory that the frames need.</summary>
    public static int SizeBytes => FramesInMemory * ZeroFrame.PaddedMaxFrameBytes;

    /// <summary>Writes the frames into memory.</summary>
    /// <param name="address">
    /// The start of <see cref="SizeBytes"/> of memory, on a block boundary. The frames use it from now on.
    /// </param>
    public unsafe ZeroFrames(nint address)
    {
        this.address = address;
        Span<byte> memory = new((void*)address, SizeBytes);
        for (int i = 0; i < FramesInMemory; i++)
        {
            Span<byte> frame = memory.Slice(i * ZeroFrame.PaddedMaxFrameBytes, ZeroFrame.PaddedMaxFrameBytes);
            int length = ZeroFrame.Write(frame, FrameFormat.MaxZerosBytes);
            Lz4Frame.WritePadding(frame[length..]);
        }
    }

    /// <summary>
    /// Writes <paramref name="count"/> of the frames from an offset on; fewer when <paramref name="board"/> says that
    /// the copy ends early. <paramref name="pulse"/> shows that it gets on.
    /// </summary>
    public IoResult Write(IOutputFile output, long offset, long count, IoBoard? board, Pulse? pulse)
    {
        long end = offset + (count * ZeroFrame.PaddedMaxFrameBytes);
        for (long at = offset; at < end && board?.StopCause is null; at += SizeBytes)
        {
            IoResult written = BlockWriter.Write(output, address, (int)Math.Min(SizeBytes, end - at), at);
            if (!written.IsOk)
                return written;
            pulse?.Beat();
        }

        return IoResult.Done;
    }
}
