using System.Globalization;

namespace BundleCopier.Settings;

/// <summary>
/// Times as people write them: <c>250ms</c>, <c>30s</c>, <c>1.5m</c>, <c>2h</c>, <c>7d</c>. A unit is required.
/// </summary>
internal static class Duration
{
    // Longer than any useful time, and far below the overflow of TimeSpan.
    private const double MaxSeconds = 366.0 * 24 * 3600;

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text, with or without a space before the unit (ms, s, m or min, h, d).</param>
    /// <param name="time">The time; zero when the text is not a time.</param>
    /// <returns>False when the text is not a time, is negative, has no unit or is longer than a year.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        text = text.Trim();
        int digits = text.IndexOfAnyExcept("0123456789.");
        if (digits <= 0)
            return false;
        double? unitSeconds = text[digits..].TrimStart() switch
        {
            "ms" => 0.001,
            "s" => 1,
            "m" or "min" => 60,
            "h" => 3600,
            "d" => 24 * 3600,
            _ => null,
        };
        if (unitSeconds is null
            || !char.IsAsciiDigit(text[0])
            || !double.TryParse(
                text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            || value * unitSeconds > MaxSeconds)
        {
            return false;
        }
        time = TimeSpan.FromSeconds(value * unitSeconds.Value);
        return true;
    }

    /// <summary>A time in the form of a setting: <c>250ms</c>, <c>30s</c>, <c>1m</c>.</summary>
    /// <param name="time">The time; fractions of a millisecond are dropped.</param>
    public static string Format(TimeSpan time)
    {
        long timeMs = (long)time.TotalMilliseconds;
        (long count, string unit) = timeMs switch
        {
            not 0 when timeMs % 3_600_000 == 0 => (timeMs / 3_600_000, "h"),
            not 0 when timeMs % 60_000 == 0 => (timeMs / 60_000, "m"),
            _ when timeMs % 1_000 == 0 => (timeMs / 1_000, "s"),
            _ => (timeMs, "ms"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }

    /// <summary>A time in a sentence: <c>250 ms</c>, <c>1.5 s</c>, <c>30 s</c>, <c>2 min</c>.</summary>
    /// <param name="time">The time; fractions of a millisecond are dropped.</param>
    public static string InWords(TimeSpan time)
    {
        decimal timeMs = (long)time.TotalMilliseconds;
        (decimal count, string unit) = timeMs switch
        {
            < 1_000 => (timeMs, "ms"),
            _ when timeMs % 3_600_000 == 0 => (timeMs / 3_600_000, "h"),
            _ when timeMs % 60_000 == 0 => (timeMs / 60_000, "min"),
            _ => (timeMs / 1_000, "s"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count:0.###} {unit}");
    }
}
