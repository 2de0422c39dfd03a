namespace BundleCopier.Cli;

/// <summary>The character set of the user's terminal, from the environment (locale(7)).</summary>
internal static class Locale
{
    /// <summary>True when the terminal shows UTF-8. Where it does not, the status line is ASCII.</summary>
    public static bool IsUtf8 { get; } = IsUtf8In(Environment.GetEnvironmentVariable);

    /// <summary>The first variable that is set and not empty counts.</summary>
    public static bool IsUtf8In(Func<string, string?> valueOf)
    {
        string? name = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(valueOf)
            .FirstOrDefault(static value => !string.IsNullOrEmpty(value));
        return name is not null
            && (name.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
                || name.Contains("UTF8", StringComparison.OrdinalIgnoreCase));
    }
}
