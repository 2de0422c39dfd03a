namespace BundleCopier.Plan;

/// <summary>Keeps the start of a text, up to a limit.</summary>
internal sealed class FactSink(int maxBytes)
{
    private readonly MemoryStream held = new();

    /// <summary>There was more.</summary>
    public bool IsCut { get; private set; }

    public byte[] Content => held.ToArray();

    /// <summary>Notes that there was more.</summary>
    public void Cut() => IsCut = true;

    /// <summary>Takes the next piece; false when there is no room for more.</summary>
    public bool Add(ReadOnlySpan<byte> piece)
    {
        int room = maxBytes - (int)held.Length;
        IsCut |= piece.Length > room;
        held.Write(piece[..Math.Min(room, piece.Length)]);
        return !IsCut;
    }
}
