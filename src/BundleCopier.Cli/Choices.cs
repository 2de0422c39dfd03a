using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>Reads options that have a few words as their values.</summary>
internal static class Choices
{
    /// <summary>The choice that a word names, in upper or lower case.</summary>
    /// <param name="text">The word.</param>
    /// <param name="option">The option, for messages.</param>
    public static Parsed<T> Parse<T>(string text, string option)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(static n => n.ToLowerInvariant())];
        int at = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (at >= 0)
            return Enum.GetValues<T>()[at];
        string near = Nearest.To(text, names) is { } name ? $"Did you mean {name}? " : "";
        string mend = $"{near}Give one of: {string.Join(", ", names)}.";
        return new InputError(option, "", $"\"{text}\" is not a known choice", mend);
    }
}
