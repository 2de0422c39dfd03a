using System.Runtime.InteropServices;
using BundleCopier.Elf;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// The start of a core, which was read from the kernel's stream: its headers and notes. The kernel writes no more until
/// this is read, and the process stands still.
/// </summary>
/// <param name="Bytes">What was read.</param>
/// <param name="IsHead">It is all that stands before the memory.</param>
internal readonly record struct CoreStart(byte[] Bytes, bool IsHead)
{
    // 60,000 mappings have 8 MiB of headers and notes, and each thread has some KiB of notes.
    private const int MaxBytes = 32 << 20;
    private const int WaitMs = 1000;

    /// <summary>Reads it. What is not understood, or does not come at once, is read as a stream.</summary>
    public static CoreStart Read(ISourceFile stream)
    {
        byte[] bytes = [];
        int length = 0;
        while (CoreLayout.NeededBytes(bytes.AsSpan(0, length)) is { } needed and <= MaxBytes)
        {
            if (needed == length)
                return new CoreStart(bytes, IsHead: true);
            Array.Resize(ref bytes, (int)needed);
            while (length < bytes.Length)
            {
                int read = ReadOnce(stream, bytes, length);
                if (read <= 0)
                    return new CoreStart(bytes[..length], IsHead: false);
                length += read;
            }
        }

        return new CoreStart(bytes[..length], IsHead: false);
    }

    private static int ReadOnce(ISourceFile stream, byte[] into, int offset)
    {
        GCHandle pinned = GCHandle.Alloc(into, GCHandleType.Pinned);
        try
        {
            while (true)
            {
                if (stream.AwaitData(WaitMs) is not { IsOk: true, Value: > 0 })
                    return 0;
                IoResult read = stream.Read(pinned.AddrOfPinnedObject() + offset, into.Length - offset, offset);
                if (read.IsOk)
                    return (int)read.Value;
                if (!read.Error.IsInterrupted && read.Error.Code != EAGAIN)
                    return 0;
            }
        }
        finally
        {
            pinned.Free();
        }
    }
}
