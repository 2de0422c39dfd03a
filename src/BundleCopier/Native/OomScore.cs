using System.Buffers.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>How early the kernel kills this process when memory runs out (proc_pid_oom_score_adj(5)).</summary>
internal static class OomScore
{
    private const string FilePath = "/proc/self/oom_score_adj";

    private static FileHandle? open;

    /// <summary>
    /// Opens the file for later calls. Only root can open it when <see cref="ProcessShield"/> is on.
    /// </summary>
    public static void KeepOpen() => open ??= Open().Value;

    /// <summary>Raises the adjustment (-1000 to 1000). A higher one stays.</summary>
    public static IoResult RaiseTo(int adjustment) => Write(adjustment, mayLower: false);

    /// <summary>Sets the adjustment, also to a lower one, which needs CAP_SYS_RESOURCE.</summary>
    public static IoResult Set(int adjustment) => Write(adjustment, mayLower: true);

    private static IoResult Write(int adjustment, bool mayLower)
    {
        if (open is { } kept)
            return Write(adjustment, mayLower, kept);
        if (!Open().Try(out FileHandle? handle, out Errno error))
            return IoResult.Failed(error);
        using (handle)
            return Write(adjustment, mayLower, handle);
    }

    private static unsafe IoResult Write(int adjustment, bool mayLower, FileHandle handle)
    {
        const int BufferBytes = 16;
        byte* text = stackalloc byte[BufferBytes];
        Span<byte> buffer = new(text, BufferBytes);
        if (!mayLower)
        {
            IoResult read = Calls.Read(handle, (nint)text, BufferBytes, 0);
            if (!read.IsOk)
                return read;
            if (Utf8Parser.TryParse(buffer[..(int)read.Value], out int current, out _) && current >= adjustment)
                return read;
        }

        _ = Utf8Formatter.TryFormat(adjustment, buffer, out int length);
        return Calls.Write(handle, (nint)text, length, 0);
    }

    private static IoResult<FileHandle> Open() => Calls.OpenAt(AT_FDCWD, FilePath, O_RDWR);
}
