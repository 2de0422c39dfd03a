using System.Globalization;

namespace BundleCopier.Settings;

/// <summary>
/// Sizes as people write them: <c>32MiB</c>, <c>512 KiB</c>, <c>4096</c>, <c>4096B</c>, <c>1.5GiB</c>. KiB, MiB, GiB,
/// TiB and the single letters K, M, G, T are powers of 1024, as in lvm, systemd and qemu; kB, MB, GB, TB are powers of
/// 1000. Case does not matter.
/// </summary>
internal static class ByteSize
{
    /// <summary>1024 bytes.</summary>
    public const long KiB = 1024;

    /// <summary>1024 KiB, in bytes.</summary>
    public const long MiB = 1024 * KiB;

    /// <summary>1024 MiB, in bytes.</summary>
    public const long GiB = 1024 * MiB;

    private const long TiB = 1024 * GiB;

    private const int MaxPlainDigits = 5;

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text, with or without a space before the unit.</param>
    /// <param name="sizeBytes">The size in bytes; 0 when the text is not a size.</param>
    /// <returns>
    /// False when the text is not a size, is negative, is not a whole number of bytes or does not fit 63 bits.
    /// </returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long sizeBytes)
    {
        sizeBytes = 0;
        text = text.Trim();
        int digits = text.IndexOfAnyExcept("0123456789.");
        ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
        ReadOnlySpan<char> unit = digits < 0 ? [] : text[digits..].TrimStart();
        bool isNumber = number.Length > 0 && char.IsAsciiDigit(number[0]) && char.IsAsciiDigit(number[^1]);
        if (!isNumber || UnitBytes(unit) is not long unitBytes)
            return false;
        // decimal holds every 63-bit number exactly, so neither a fraction nor an overflow is lost by rounding.
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || value > (decimal)long.MaxValue / unitBytes)
        {
            return false;
        }
        decimal bytes = value * unitBytes;
        if (bytes != decimal.Truncate(bytes) || bytes > long.MaxValue)
            return false;
        sizeBytes = (long)bytes;
        return true;
    }

    /// <summary>
    /// A size for people, with at most two decimals: <c>32 MiB</c>, <c>1.5 GiB</c>, <c>4 KiB</c>, <c>17 B</c>.
    /// </summary>
    /// <param name="sizeBytes">The size in bytes.</param>
    public static string Format(long sizeBytes)
    {
        (long unitBytes, string unit) = Math.Abs((double)sizeBytes) switch
        {
            >= TiB => (TiB, "TiB"),
            >= GiB => (GiB, "GiB"),
            >= MiB => (MiB, "MiB"),
            >= KiB => (KiB, "KiB"),
            _ => (1, "B"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)sizeBytes / unitBytes:0.##} {unit}");
    }

    /// <summary>A question for a number without a unit that is too small to be meant; null for another text.</summary>
    public static string? Meant(string text) =>
        text.Length <= MaxPlainDigits && text.Length > 0 && text.All(char.IsAsciiDigit) && text[0] != '0'
            ? $"Did you mean {text}MiB?"
            : null;

    /// <summary>A size in the form of a setting, exact: <c>32MiB</c>, or plain bytes when no unit fits.</summary>
    /// <param name="sizeBytes">The size in bytes.</param>
    public static string ToSetting(long sizeBytes)
    {
        foreach ((long unitBytes, string unit) in ((long, string)[])[(GiB, "GiB"), (MiB, "MiB"), (KiB, "KiB")])
        {
            if (sizeBytes != 0 && sizeBytes % unitBytes == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{sizeBytes / unitBytes}{unit}");
        }
        return sizeBytes.ToString(CultureInfo.InvariantCulture);
    }

    private static long? UnitBytes(ReadOnlySpan<char> unit)
    {
        if (unit.Length > 3)
            return null;
        Span<char> lower = stackalloc char[3];
        lower = lower[..unit.ToLowerInvariant(lower)];
        return lower switch
        {
            "" or "b" => 1,
            "k" or "kib" => KiB,
            "m" or "mib" => MiB,
            "g" or "gib" => GiB,
            "t" or "tib" => TiB,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => null,
        };
    }
}
