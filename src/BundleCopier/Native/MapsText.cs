using System.Buffers.Text;
using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// Finds the shared mappings of files in the text of proc_pid_maps(5). The text comes in pieces, and only one line is
/// held. Lines that are not understood are passed over.
/// </summary>
/// <param name="take">Gets each mapping.</param>
internal sealed class MapsText(Action<MemoryMapping> take)
{
    // A path has at most 4096 bytes, and a line feed in it is written as four.
    private const int MaxLineBytes = 20 * 1024;

    private readonly byte[] line = new byte[MaxLineBytes];
    private int length;

    /// <summary>Takes the next piece of the text.</summary>
    public bool Add(ReadOnlySpan<byte> piece)
    {
        while (piece.IndexOf((byte)'\n') is >= 0 and int end)
        {
            Append(piece[..end]);
            if (length <= line.Length && Parse(line.AsSpan(0, length)) is { } mapping)
                take(mapping);
            length = 0;
            piece = piece[(end + 1)..];
        }

        Append(piece);
        return true;
    }

    /// <summary>
    /// One line, such as <c>7f1c40000000-7f1c40021000 rw-s 00000000 00:01 1029 /memfd:x (deleted)</c>. Null for a
    /// private mapping, and for one without a file.
    /// </summary>
    public static MemoryMapping? Parse(ReadOnlySpan<byte> text)
    {
        const int ProtectionBytes = 4;
        if (!TryHex(ref text, '-', out ulong start) || !TryHex(ref text, ' ', out ulong end) || end <= start
            || text.Length < ProtectionBytes || text[ProtectionBytes - 1] != 's')
        {
            return null;
        }

        string protection = ProtectionOf(text[..ProtectionBytes]);
        text = text[ProtectionBytes..].TrimStart((byte)' ');
        if (!TryHex(ref text, ' ', out ulong offset)
            || !TryHex(ref text, ':', out ulong major)
            || !TryHex(ref text, ' ', out ulong minor)
            || !Utf8Parser.TryParse(text, out ulong inode, out int digits)
            || major > uint.MaxValue || minor > uint.MaxValue)
        {
            return null;
        }

        ReadOnlySpan<byte> path = text[digits..].TrimStart((byte)' ');
        // The first System V segment of a namespace has the number 0, so the path tells what is a file.
        return path.StartsWith("/"u8) && !path.Contains((byte)0)
            ? new MemoryMapping(
                start, end, protection, offset, new MappedFile(Device(major, minor), inode, Unescape(path)))
            : null;
    }

    /// <summary>The number of a device as stat(2) tells it (gnu_dev_makedev(3)).</summary>
    private static ulong Device(ulong major, ulong minor) =>
        (minor & 0xFF) | ((major & 0xFFF) << 8) | ((minor & 0xFFFFFF00) << 12) | ((major & 0xFFFFF000) << 32);

    // There may be 60,000 mappings, and nearly all have one of these.
    private static string ProtectionOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("rw-s"u8) ? "rw-s"
        : text.SequenceEqual("r--s"u8) ? "r--s"
        : new string([.. text.ToArray().Select(static b => b is (byte)'r' or (byte)'w' or (byte)'x' or (byte)'s'
            ? (char)b : '-')]);

    // The kernel writes only a line feed as octal (seq_path in show_map_vma, fs/proc/task_mmu.c).
    private static string Unescape(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> lineFeed = "\\012"u8;
        if (path.IndexOf(lineFeed) < 0)
            return NameBytes.ToText(path);
        byte[] plain = new byte[path.Length];
        int count = 0;
        while (!path.IsEmpty)
        {
            bool isEscaped = path.StartsWith(lineFeed);
            plain[count++] = isEscaped ? (byte)'\n' : path[0];
            path = path[(isEscaped ? lineFeed.Length : 1)..];
        }

        return NameBytes.ToText(plain.AsSpan(0, count));
    }

    private static bool TryHex(ref ReadOnlySpan<byte> text, char end, out ulong value)
    {
        if (!Utf8Parser.TryParse(text, out value, out int digits, 'x') || digits >= text.Length || text[digits] != end)
            return false;
        text = text[(digits + 1)..];
        return true;
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (length + piece.Length > line.Length)
        {
            length = line.Length + 1; // too long: it is passed over
            return;
        }

        piece.CopyTo(line.AsSpan(length));
        length += piece.Length;
    }
}
