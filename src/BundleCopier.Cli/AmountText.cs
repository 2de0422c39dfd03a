using System.Globalization;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Amounts and times for lines that are short.</summary>
internal static class AmountText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size with at most three digits: <c>812 MiB</c>, <c>1.2 GiB</c>.</summary>
    public static string Short(long sizeBytes)
    {
        int unit = UnitOf(sizeBytes);
        return $"{Number(sizeBytes, unit)} {Units[unit]}";
    }

    /// <summary>A part of a whole, in one unit: <c>1.2/2.7 GiB</c>.</summary>
    public static string Of(long partBytes, long allBytes, string between)
    {
        int unit = UnitOf(allBytes);
        return $"{Number(Math.Min(partBytes, allBytes), unit)}{between}{Number(allBytes, unit)} {Units[unit]}";
    }

    /// <summary>A time: <c>0:12</c>, <c>1:05:00</c>, <c>3 days</c>.</summary>
    public static string Clock(double seconds)
    {
        long whole = (long)Math.Min(Math.Ceiling(seconds), 1e9);
        return whole switch
        {
            >= 48 * 3600 => $"{whole / 86_400} days",
            >= 3600 => string.Create(
                CultureInfo.InvariantCulture, $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{whole / 60}:{whole % 60:00}"),
        };
    }

    // 1000 KiB is shown as 1 MiB: never more than three digits.
    private static int UnitOf(long sizeBytes)
    {
        int unit = 0;
        for (double rest = sizeBytes; rest >= 999.5 && unit < Units.Length - 1; rest /= ByteSize.KiB)
            unit++;
        return unit;
    }

    private static string Number(long sizeBytes, int unit)
    {
        double value = sizeBytes / Math.Pow(ByteSize.KiB, unit);
        return value.ToString(unit == 0 || value >= 9.95 ? "0" : "0.0", CultureInfo.InvariantCulture);
    }
}
