using System.Buffers.Text;

namespace BundleCopier.Native;

/// <summary>
/// Reads numbers from the text of files below <c>/proc</c>. A value that is missing, or is not a number, is null.
/// </summary>
internal static class ProcText
{
    /// <summary>
    /// A line of proc_meminfo(5) or proc_pid_status(5), such as <c>Name:    12345 kB</c>, in bytes. Null also when
    /// the number of bytes does not fit into a long.
    /// </summary>
    public static long? KibField(ReadOnlySpan<byte> text, ReadOnlySpan<byte> nameWithColon) =>
        Number(AfterLineStart(text, nameWithColon).TrimStart(" \t"u8)) is { } kib && kib <= long.MaxValue / 1024
            ? kib * 1024
            : null;

    /// <summary>
    /// The total of a line such as <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=12345</c>, in microseconds (the
    /// kernel's accounting/psi.rst).
    /// </summary>
    public static long? StallUs(ReadOnlySpan<byte> text, ReadOnlySpan<byte> kindWithBlank)
    {
        ReadOnlySpan<byte> line = AfterLineStart(text, kindWithBlank);
        int end = line.IndexOf((byte)'\n');
        line = end < 0 ? line : line[..end];
        int at = line.IndexOf("total="u8);
        return at < 0 ? null : Number(line[(at + 6)..]);
    }

    /// <summary>A hexadecimal line of proc_pid_status(5), such as <c>CapEff:	000001ffffffffff</c>.</summary>
    public static ulong? HexField(ReadOnlySpan<byte> text, ReadOnlySpan<byte> nameWithColon) =>
        Utf8Parser.TryParse(AfterLineStart(text, nameWithColon).TrimStart(" \t"u8), out ulong value, out _, 'x')
            ? value
            : null;

    /// <summary>
    /// Removes the first number, and the blanks before it, from a text of numbers with blanks between them.
    /// </summary>
    public static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        text = text.TrimStart(" "u8);
        bool isNumber = Utf8Parser.TryParse(text, out number, out int digits) && number >= 0;
        text = text[digits..];
        return isNumber;
    }

    private static ReadOnlySpan<byte> AfterLineStart(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.StartsWith(name))
        {
            int end = text.IndexOf((byte)'\n');
            if (end < 0)
                return [];
            text = text[(end + 1)..];
        }

        return text[name.Length..];
    }

    private static long? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out _) && value >= 0 ? value : null;
}
