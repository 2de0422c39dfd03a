using System.Buffers.Text;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>How early the kernel ends this process where memory has run out (proc_pid_oom_score_adj(5)).</summary>
internal static class OomScore
{
    private const string FilePath = "/proc/self/oom_score_adj";

    /// <summary>Raises it to what is given, -1000 to 1000, unless it is there or beyond.</summary>
    public static unsafe IoResult RaiseTo(int adjustment)
    {
        if (!Calls.OpenAt(AT_FDCWD, FilePath, O_RDWR).Try(out FileHandle? handle, out Errno error))
            return IoResult.Failed(error.Code);
        using (handle)
        {
            const int RoomBytes = 16;
            byte* text = stackalloc byte[RoomBytes];
            Span<byte> room = new(text, RoomBytes);
            IoResult read = Calls.Read(handle, (nint)text, RoomBytes, 0);
            if (!read.IsOk || (Utf8Parser.TryParse(room[..(int)read.Value], out int current, out _) && current >= adjustment))
                return read;
            _ = Utf8Formatter.TryFormat(adjustment, room, out int length);
            return Calls.Write(handle, (nint)text, length, 0);
        }
    }
}
