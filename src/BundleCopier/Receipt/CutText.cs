using System.Buffers;

namespace BundleCopier.Receipt;

/// <summary>
/// A text from which parts have been cut out. It knows which place of the whole text each of its places is.
/// </summary>
internal sealed class CutText
{
    private readonly ArrayBufferWriter<byte> text = new();
    private readonly List<Piece> pieces = [];
    private TextPlace end;

    /// <summary>The text without the parts that were cut out.</summary>
    public ReadOnlySpan<byte> Bytes => text.WrittenSpan;

    /// <summary>Begins a new text.</summary>
    public void Clear()
    {
        text.ResetWrittenCount();
        pieces.Clear();
        end = default;
    }

    /// <summary>What is added from now on lies at this place of the whole text.</summary>
    public void GoOnAt(TextPlace inWhole) => pieces.Add(new Piece(end, inWhole));

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        text.Write(bytes);
        end = end.After(bytes);
    }

    /// <summary>A place of this text, as a place of the whole text.</summary>
    public TextPlace InWhole(TextPlace place)
    {
        int at = pieces.FindLastIndex(p => IsNotAfter(p.Start, place));
        if (at < 0)
            return place;
        (TextPlace start, TextPlace inWhole) = pieces[at];
        return inWhole.Plus(place.Line == start.Line
            ? new TextPlace(0, place.Column - start.Column)
            : place with { Line = place.Line - start.Line });
    }

    private static bool IsNotAfter(TextPlace a, TextPlace b) =>
        a.Line < b.Line || (a.Line == b.Line && a.Column <= b.Column);

    private readonly record struct Piece(TextPlace Start, TextPlace InWhole);
}
