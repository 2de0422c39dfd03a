using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A file below /proc. The kernel produces its text for each read from its start. Reading allocates no memory.
/// </summary>
internal sealed class ProcFile : IDisposable
{
    private readonly FileHandle handle;

    private ProcFile(FileHandle handle) => this.handle = handle;

    /// <summary>Opens a file; null when that fails.</summary>
    public static ProcFile? Open(string path) =>
        Calls.OpenAt(AT_FDCWD, path, O_RDONLY).Try(out FileHandle? opened, out _) ? new ProcFile(opened) : null;

    /// <summary>
    /// Reads the start of the text, up to the buffer's size. Empty when reading fails: EOPNOTSUPP where pressure stall
    /// information is off, ESRCH for a thread that has ended.
    /// </summary>
    public unsafe ReadOnlySpan<byte> Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return buffer[..(int)Math.Max(Calls.Read(handle, (nint)start, buffer.Length, 0).Value, 0)];
    }

    public void Dispose() => handle.Dispose();
}
