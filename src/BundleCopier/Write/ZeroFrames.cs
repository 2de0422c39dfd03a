using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>
/// Long runs of zeros, ready to be written: frames of 4 MiB of zeros, each padded to a block boundary, several in a
/// row. The same bytes serve every run of every file, so a hole of any length needs no memory of its own.
/// </summary>
internal sealed class ZeroFrames
{
    /// <summary>Zeros in one group.</summary>
    public const int GroupContentBytes = FrameFormat.MaxZerosBytes;

    private const int GroupsOnTape = 8;

    private readonly nint address;

    /// <summary>What a group takes on disk: 1/204 of what it stands for.</summary>
    public static int GroupBytes => ZeroFrame.PaddedMaxFrameBytes;

    /// <summary>What the tape takes in memory.</summary>
    public static int SizeBytes => GroupsOnTape * GroupBytes;

    /// <summary>Makes the tape.</summary>
    /// <param name="address">
    /// Where <see cref="SizeBytes"/> of memory are, on a block boundary, for as long as the tape is used.
    /// </param>
    public unsafe ZeroFrames(nint address)
    {
        this.address = address;
        for (int i = 0; i < GroupsOnTape; i++)
        {
            Span<byte> group = new((void*)(address + (i * GroupBytes)), GroupBytes);
            int length = ZeroFrame.Write(group, GroupContentBytes);
            Lz4Frame.WritePadding(group[length..]);
        }
    }

    /// <summary>Writes groups of zeros from an offset on.</summary>
    public Errno Write(IOutputFile output, long offset, long groups)
    {
        long at = offset;
        long end = offset + (groups * GroupBytes);
        while (at < end)
        {
            // A write that stopped inside a group goes on there: the tape repeats, so it has the rest.
            int phase = (int)((at - offset) % GroupBytes);
            int length = (int)Math.Min(end - at, SizeBytes - phase);
            IoResult written = output.Write(address + phase, length, at);
            if (written.Error.IsInterrupted)
                continue;
            long whole = written.IsOk ? Alignment.Down(written.Value) : 0;
            if (whole == 0)
                return written.IsOk ? new Errno(Tmds.Linux.LibC.EIO) : written.Error;
            at += whole;
        }

        return Errno.None;
    }
}
