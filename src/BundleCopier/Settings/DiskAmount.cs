using System.Globalization;

namespace BundleCopier.Settings;

/// <summary>An amount of disk space: bytes, or a share of the filesystem.</summary>
public sealed record DiskAmount
{
    private DiskAmount()
    {
    }

    /// <summary>The amount in bytes; null where it is a share.</summary>
    public long? SizeBytes { get; private init; }

    /// <summary>The share of the filesystem in percent; null where it is an amount in bytes.</summary>
    public double? Percent { get; private init; }

    /// <summary>No space at all.</summary>
    internal static DiskAmount None { get; } = OfBytes(0);

    /// <summary>An amount in bytes.</summary>
    /// <param name="sizeBytes">At least 0.</param>
    public static DiskAmount OfBytes(long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        return new DiskAmount { SizeBytes = sizeBytes };
    }

    /// <summary>A share of the filesystem.</summary>
    /// <param name="percent">From 0 to 100.</param>
    public static DiskAmount OfPercent(double percent)
    {
        if (!(percent is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "A share is from 0 to 100 percent.");
        return new DiskAmount { Percent = percent };
    }

    /// <summary>The amount as a user writes it.</summary>
    public override string ToString() => Percent is { } percent
        ? string.Create(CultureInfo.InvariantCulture, $"{percent}%")
        : ByteSize.ToSetting(SizeBytes!.Value);

    /// <summary>Reads an amount as people write it: <c>10GiB</c>, <c>15%</c>; null when the text is none.</summary>
    internal static DiskAmount? Parse(string text)
    {
        text = text.Trim();
        if (!text.EndsWith('%'))
            return ByteSize.TryParse(text, out long sizeBytes) ? OfBytes(sizeBytes) : null;
        ReadOnlySpan<char> number = text.AsSpan(0, text.Length - 1).TrimEnd();
        return number.Length > 0
            && char.IsAsciiDigit(number[0])
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent <= 100
            ? OfPercent(percent)
            : null;
    }

    /// <summary>The amount in bytes; null where it is a share of a filesystem that does not tell its size.</summary>
    /// <param name="totalBytes">The size of the filesystem; null where it does not tell.</param>
    internal long? Of(long? totalBytes) => SizeBytes ?? (long?)(totalBytes * Percent / 100);
}
