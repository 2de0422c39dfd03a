namespace CrashingEngine;

/// <summary>Parses sizes such as 4096, 16MiB and 1TiB.</summary>
internal static class Size
{
    private static readonly string[] Units = ["KiB", "MiB", "GiB", "TiB"];

    public static long Parse(string text)
    {
        int unit = Array.FindIndex(Units, text.EndsWith);
        string number = unit < 0 ? text : text[..^3];
        if (!long.TryParse(number, out long count) || count <= 0)
            throw new FormatException($"'{text}' is not a size; write for example 256MiB.");
        return checked(count * (1L << ((unit + 1) * 10)));
    }
}
