using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace BundleCopier.Model;

/// <summary>
/// The kernel's names and paths are bytes, and need not be UTF-8. In the engine they are strings: each byte that is not
/// part of valid UTF-8 (a raw byte) is a low surrogate U+DC80 to U+DCFF without a high one before it. Python does the
/// same (PEP 383, surrogateescape). Names are converted where system calls are made, and nowhere else.
/// </summary>
internal static class NameBytes
{
    private const char FirstRaw = '\uDC80';
    private const char LastRaw = '\uDCFF';

    // Behind the last character of Unicode, so that no span of characters has a raw byte in it.
    private const int RawCharacters = 0x11_0000;

    /// <summary>The text of a name.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        StringBuilder text = new(name.Length);
        for (ReadOnlySpan<byte> rest = name; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out Rune rune, out int width) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte raw in rest[..width])
                    text.Append(Raw(raw));
            }

            rest = rest[width..];
        }

        return text.ToString();
    }

    /// <summary>The length of a name in bytes.</summary>
    public static int Count(string name)
    {
        if (!HasRaw(name))
            return Encoding.UTF8.GetByteCount(name);
        Span<byte> character = stackalloc byte[4];
        int count = 0;
        for (int at = 0; at < name.Length;)
            count += Put(name, ref at, character);
        return count;
    }

    /// <summary>Writes the bytes of a name, and returns how many there are: at most three for each char.</summary>
    public static int Get(string name, Span<byte> to)
    {
        if (!HasRaw(name))
            return Encoding.UTF8.GetBytes(name, to);
        int count = 0;
        for (int at = 0; at < name.Length;)
            count += Put(name, ref at, to[count..]);
        return count;
    }

    /// <summary>The bytes of a name.</summary>
    public static byte[] Of(string name)
    {
        byte[] bytes = new byte[Count(name)];
        _ = Get(name, bytes);
        return bytes;
    }

    /// <summary>A raw byte, which is 0x80 or more, as text.</summary>
    public static char Raw(byte value) => (char)(FirstRaw - 0x80 + value);

    /// <summary>Whether a text has raw bytes.</summary>
    public static bool HasRaw(string text)
    {
        ReadOnlySpan<char> chars = text;
        int at = chars.IndexOfAnyInRange(FirstRaw, LastRaw);
        while (at >= 0 && !IsRaw(chars, at))
        {
            int next = chars[(at + 1)..].IndexOfAnyInRange(FirstRaw, LastRaw);
            at = next < 0 ? next : at + 1 + next;
        }

        return at >= 0;
    }

    /// <summary>Whether there is a raw byte at this place of a text.</summary>
    public static bool IsRaw(ReadOnlySpan<char> text, int at) =>
        text[at] is >= FirstRaw and <= LastRaw && (at == 0 || !char.IsHighSurrogate(text[at - 1]));

    /// <summary>The byte that is raw at a place of a text.</summary>
    public static byte RawAt(ReadOnlySpan<char> text, int at) => (byte)text[at];

    /// <summary>
    /// The character at a place of a text, as a number: a code point, or for a raw byte a number behind all of them.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place, which is moved behind the character.</param>
    public static int Next(ReadOnlySpan<char> text, ref int at)
    {
        if (IsRaw(text, at))
            return RawCharacters + RawAt(text, at++);
        _ = Rune.DecodeFromUtf16(text[at..], out Rune rune, out int width);
        at += width;
        return rune.Value;
    }

    private static int Put(ReadOnlySpan<char> name, ref int at, Span<byte> to)
    {
        int character = Next(name, ref at);
        if (character < RawCharacters)
            return new Rune(character).EncodeToUtf8(to);
        to[0] = (byte)(character - RawCharacters);
        return 1;
    }
}
