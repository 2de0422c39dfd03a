using System.Globalization;
using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>The name of a bundle on the command line, which may have {host}, {time} and {boot}.</summary>
internal static class BundleNameText
{
    /// <summary>The name where none is given.</summary>
    public const string Standard = "{host}-{time}";

    private static readonly string[] Known = ["{host}", "{time}", "{boot}"];

    /// <summary>A time as names have it, in UTC: <c>20261122T201405Z</c>.</summary>
    public static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The name with the placeholders filled in.</summary>
    /// <param name="text">The name.</param>
    /// <param name="option">The option that gives it, for messages.</param>
    public static Parsed<string> Expand(string text, string option) => Expand(
        text,
        option,
        placeholder => placeholder switch
        {
            "{host}" => Environment.MachineName,
            "{time}" => TimeOf(DateTimeOffset.UtcNow),
            _ => ProgramOrigin.BootId() ?? "unknown",
        });

    /// <summary>The same with values of the caller's.</summary>
    public static Parsed<string> Expand(string text, string option, Func<string, string> valueOf)
    {
        string name = "";
        for (int at = 0; at < text.Length;)
        {
            int open = text.IndexOf('{', at);
            int close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
                return name + text[at..];
            string placeholder = text[open..(close + 1)];
            if (!Known.Contains(placeholder))
            {
                return new InputError(
                    option, "", $"{Printable.Quoted(placeholder)} is not known", Nearest.Mend(placeholder, Known));
            }

            name += text[at..open] + Safe(valueOf(placeholder));
            at = close + 1;
        }

        return name;
    }

    /// <summary>A text with only the characters that names may have.</summary>
    public static string Safe(string value) => string.Concat(value.Select(static c =>
        char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_'));
}
