using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;

namespace BundleCopier.Input;

/// <summary>
/// Writes texts of JSON as people read them, and escapes what a terminal does not just show (<see cref="Printable"/>):
/// receipts and JSON lines are read in terminals too. Another reader of JSON gets the same text.
/// </summary>
internal sealed unsafe class PlainJsonEncoder : JavaScriptEncoder
{
    private const int EscapeLength = 6; // \u202e

    private static readonly JavaScriptEncoder Inner = UnsafeRelaxedJsonEscaping;

    // Half of a surrogate pair is among them, and the library escapes the whole pair.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Where(IsEscaped).Select(static c => (char)c)]);

    /// <summary>The only one.</summary>
    public static PlainJsonEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => Inner.MaxOutputCharactersPerInputCharacter;

    public override int FindFirstCharacterToEncode(char* text, int textLength) =>
        new ReadOnlySpan<char>(text, textLength).IndexOfAny(Escaped);

    public override bool WillEncode(int unicodeScalar) => IsEscaped(unicodeScalar);

    public override bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (Inner.WillEncode(unicodeScalar))
        {
            return Inner.TryEncodeUnicodeScalar(
                unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        numberOfCharactersWritten = 0;
        Span<char> to = new(buffer, bufferLength);
        if (to.Length < EscapeLength)
            return false;
        @"\u".CopyTo(to);
        numberOfCharactersWritten = EscapeLength;
        return unicodeScalar.TryFormat(to[2..], out _, "x4", CultureInfo.InvariantCulture);
    }

    // The library escapes all characters beyond U+FFFF.
    private static bool IsEscaped(int scalar) =>
        scalar is > char.MaxValue or (>= 0xD800 and <= 0xDFFF)
        || Inner.WillEncode(scalar)
        || Printable.IsUnsafe(new System.Text.Rune(scalar));
}
