using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Lists the names in a directory (getdents64(2)), without <c>.</c> and <c>..</c>.</summary>
internal static unsafe class DirectoryNames
{
    /// <summary>The names, but for those that are known, at most so many.</summary>
    /// <param name="directory">The directory, open for reading.</param>
    /// <param name="isKnown">True for a name to leave out; null to leave out none.</param>
    /// <param name="maxNames">The most names to return.</param>
    public static IoResult<IReadOnlyList<string>> List(
        FileHandle directory, Func<string, bool>? isKnown = null, int maxNames = int.MaxValue)
    {
        List<string> names = [];
        IoResult listed = List(directory, name =>
        {
            if (names.Count < maxNames && isKnown?.Invoke(name) != true)
                names.Add(name);
            return true;
        });
        return listed.IsOk
            ? IoResult<IReadOnlyList<string>>.Ok(names)
            : IoResult<IReadOnlyList<string>>.Failed(listed.Error);
    }

    /// <summary>Gives the names one by one, without a list of them, until one is answered with false.</summary>
    public static IoResult List(FileHandle directory, Func<string, bool> take)
    {
        const int BufferBytes = 64 * 1024;
        byte[] buffer = new byte[BufferBytes];
        using FileHandle.Loan loan = directory.Borrow();
        // The kernel goes on where an earlier call of this descriptor has ended.
        _ = lseek(loan.Fd, 0, SEEK_SET);
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint length = getdents64(loan.Fd, start, BufferBytes);
                int error = Marshal.GetLastPInvokeError();
                WalkMark.OfThisThread.Step();
                if (length < 0)
                    return IoResult.Failed(error);
                if (length == 0)
                    return IoResult.Done;
                for (int at = 0; at < length;)
                {
                    ReadOnlySpan<byte> record = buffer.AsSpan(at, (int)length - at);
                    ReadOnlySpan<byte> name = record[DirentNameOffset..];
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && !take(NameBytes.ToText(name)))
                        return IoResult.Done;
                    at += BinaryPrimitives.ReadUInt16LittleEndian(record[DirentRecordLengthOffset..]);
                }
            }
        }
    }
}
