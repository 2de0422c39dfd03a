using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file below /proc: reading it again from its start makes the kernel write it anew, and takes no memory.</summary>
internal sealed class ProcFile : IDisposable
{
    private readonly FileHandle handle;

    private ProcFile(FileHandle handle) => this.handle = handle;

    /// <summary>Null where it cannot be opened.</summary>
    public static ProcFile? Open(string path) =>
        Calls.OpenAt(AT_FDCWD, path, O_RDONLY).Try(out FileHandle? opened, out _) ? new ProcFile(opened) : null;

    /// <summary>
    /// As much of its text as there is room for. Nothing where the kernel does not tell: PSI that is off answers EOPNOTSUPP, a thread that has ended ESRCH.
    /// </summary>
    public unsafe ReadOnlySpan<byte> Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return buffer[..(int)Math.Max(Calls.Read(handle, (nint)start, buffer.Length, 0).Value, 0)];
    }

    public void Dispose() => handle.Dispose();
}
