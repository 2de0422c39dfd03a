namespace BundleCopier.Receipt;

/// <summary>A place in text: line and column, both counted from 0, the column in bytes.</summary>
internal readonly record struct TextPlace(long Line, long Column)
{
    /// <summary>The place behind some text that starts here.</summary>
    public TextPlace After(ReadOnlySpan<byte> text)
    {
        int newLine = text.LastIndexOf((byte)'\n');
        return newLine < 0
            ? this with { Column = Column + text.Length }
            : new TextPlace(Line + text.Count((byte)'\n'), text.Length - newLine - 1);
    }

    /// <summary>The place that is <paramref name="offset"/> from the start of some text that starts here.</summary>
    public TextPlace Plus(TextPlace offset) =>
        offset.Line == 0
            ? this with { Column = Column + offset.Column }
            : new TextPlace(Line + offset.Line, offset.Column);
}
