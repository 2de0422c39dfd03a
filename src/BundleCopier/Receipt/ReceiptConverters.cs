using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Receipt;

/// <summary>
/// Times as ISO-8601 in UTC with milliseconds: <c>2026-11-22T20:14:05.123Z</c>. It reads any offset and precision.
/// </summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time.ToUniversalTime()
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value, stackalloc byte[TextBytes]));

    /// <summary>Room enough for the text of a time.</summary>
    public const int TextBytes = 32;

    /// <summary>A time as text.</summary>
    /// <param name="value">The time.</param>
    /// <param name="room">Room for <see cref="TextBytes"/>.</param>
    public static ReadOnlySpan<byte> Format(DateTimeOffset value, Span<byte> room)
    {
        // .NET formats "O" fastest. It has seven digits after the point.
        const int ToMilliseconds = 23;
        _ = value.UtcDateTime.TryFormat(room, out _, "O", CultureInfo.InvariantCulture);
        room[ToMilliseconds] = (byte)'Z';
        return room[..(ToMilliseconds + 1)];
    }
}

/// <summary>Permission bits as an octal string: <c>"0600"</c>.</summary>
internal sealed class OctalModeConverter : JsonConverter<int>
{
    // setuid, setgid, sticky and the nine permissions. The type bits are left out: only regular files are copied.
    private const int MaxMode = 0xFFF;

    private const int Digits = 4;

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException();
        int mode = 0;
        foreach (char c in text)
        {
            mode = c is >= '0' and <= '7' ? (mode * 8) + (c - '0') : throw new JsonException();
            if (mode > MaxMode)
                throw new JsonException();
        }
        return text.Length > 0 ? mode : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value, stackalloc byte[Digits]));

    /// <summary>Permission bits as text.</summary>
    /// <param name="mode">The bits.</param>
    /// <param name="room">Room for four digits.</param>
    public static ReadOnlySpan<byte> Format(int mode, Span<byte> room)
    {
        for (int i = 0; i < Digits; i++)
            room[i] = (byte)('0' + ((mode >> (3 * (Digits - 1 - i))) & 7));
        return room[..Digits];
    }
}
