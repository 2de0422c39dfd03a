using System.Text.Json;
using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>The part of a JSON text that is in memory. It grows only where one token is larger than it.</summary>
/// <param name="utf8">The text. Errors of the stream are thrown by it.</param>
/// <param name="maxBytes">How large it may become.</param>
internal sealed class JsonWindow(Stream utf8, int maxBytes)
{
    private const int FirstBytes = 64 * 1024;

    private byte[] buffer = new byte[Math.Min(FirstBytes, maxBytes)];
    private int start;
    private int end;
    private bool isAtEnd;
    private JsonReaderState state;

    /// <summary>The bytes that no reader has consumed.</summary>
    public ReadOnlySpan<byte> Unread => buffer.AsSpan(start, end - start);

    /// <summary>The place of the first unread byte.</summary>
    public TextPlace Place { get; private set; }

    /// <summary>All of the text has been loaded.</summary>
    public bool IsAtEnd => isAtEnd;

    /// <summary>A reader of the unread bytes.</summary>
    public Utf8JsonReader Reader() => new(Unread, isAtEnd, state);

    /// <summary>Moves on behind what a reader has read.</summary>
    /// <returns>The bytes that it has read, valid until the next call of <see cref="Fill"/>.</returns>
    public ReadOnlySpan<byte> Take(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> read = Unread[..(int)reader.BytesConsumed];
        Place = Place.After(read);
        start += read.Length;
        state = reader.CurrentState;
        return read;
    }

    /// <summary>Loads more bytes. False where one token is larger than the window may become.</summary>
    public bool Fill()
    {
        Unread.CopyTo(buffer);
        end -= start;
        start = 0;
        if (end == buffer.Length)
        {
            if (end == maxBytes)
                return false;
            Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, maxBytes));
        }

        int count = utf8.Read(buffer.AsSpan(end));
        end += count;
        isAtEnd = count == 0;
        return true;
    }

    /// <summary>Takes all unread bytes, and reads no more.</summary>
    public ReadOnlySpan<byte> TakeAll()
    {
        ReadOnlySpan<byte> all = Unread;
        start = end;
        isAtEnd = true;
        return all;
    }

    /// <summary>Called once, before anything is read.</summary>
    public void SkipByteOrderMark()
    {
        while (Unread.Length < JsonPlace.ByteOrderMark.Length && !isAtEnd)
            Fill();
        if (Unread.StartsWith(JsonPlace.ByteOrderMark))
            start += JsonPlace.ByteOrderMark.Length;
    }
}
