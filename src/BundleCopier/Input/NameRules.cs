using BundleCopier.Model;

namespace BundleCopier.Input;

/// <summary>
/// The rules for names that become paths below a bundle. They keep a copy inside its destination, so the manifest,
/// the matches of patterns and the receipt are all checked here. Each method returns the problem, or null for a valid
/// name.
/// </summary>
internal static class NameRules
{
    /// <summary>The maximum length of a path component on Linux (NAME_MAX), in bytes.</summary>
    public const int MaxComponentBytes = 255;

    /// <summary>The maximum length of a path in a system call (PATH_MAX), in bytes, with the NUL at its end.</summary>
    public const int MaxPathBytes = 4096;

    /// <summary>
    /// The maximum length of a bundle's name, in characters. It leaves room for the dot before it and <c>.partial</c>
    /// behind.
    /// </summary>
    public const int MaxBundleLength = 200;

    /// <summary>Checks a name below files/. It must leave room for the compressed suffix.</summary>
    public static string? NameProblem(string name) => RelativeProblem(name, BundleNames.CompressedSuffix.Length);

    /// <summary>Checks an output path of a receipt (<c>files/...</c>).</summary>
    public static string? OutputProblem(string output)
    {
        if (!output.StartsWith(BundleNames.FilesPrefix, StringComparison.Ordinal))
            return $"{Printable.Quoted(output)} is not below {BundleNames.FilesPrefix}";
        return RelativeProblem(output[BundleNames.FilesPrefix.Length..], 0);
    }

    /// <summary>Checks a bundle's name.</summary>
    public static string? BundleProblem(string bundle)
    {
        if (bundle.Length == 0)
            return "is empty";
        if (bundle.Length > MaxBundleLength)
            return $"is {bundle.Length} characters long, at most {MaxBundleLength} are allowed";
        if (bundle[0] == '.')
            return $"{Printable.Quoted(bundle)} starts with a dot";
        foreach (char c in bundle)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return $"{Printable.Quoted(bundle)} has a character that is not allowed in a bundle's name";
        }
        return null;
    }

    private static string? RelativeProblem(string name, int reservedBytes)
    {
        if (name.Length == 0)
            return "is empty";
        if (name[0] == '/')
            return $"{Printable.Quoted(name)} is an absolute path";
        if (TextProblem(name) is string text)
            return text;
        string[] components = PathText.Components(name);
        foreach (string component in components)
        {
            if (component.Length == 0)
                return $"{Printable.Quoted(name)} has an empty component (a double or trailing slash)";
            if (component is "." or "..")
                return $"\"{component}\" is not allowed in a path";
            if (NameBytes.Count(component) > MaxComponentBytes)
                return $"{Printable.Quoted(component)} is longer than {MaxComponentBytes} bytes";
        }
        // Only the last component gets the suffix.
        if (NameBytes.Count(components[^1]) > MaxComponentBytes - reservedBytes)
        {
            return $"{Printable.Quoted(components[^1])} is longer than {MaxComponentBytes - reservedBytes} bytes, "
                + $"which leaves no room for \"{BundleNames.CompressedSuffix}\"";
        }

        if (BundleNames.FilesPrefix.Length + NameBytes.Count(name) + reservedBytes >= MaxPathBytes)
            return $"{Printable.Quoted(name)} makes a path longer than {MaxPathBytes - 1} bytes";
        return null;
    }

    /// <summary>
    /// Checks text that becomes a path: it must have no NUL, and no half of a surrogate pair but the raw bytes of
    /// <see cref="NameBytes"/>, in the one way in which they are written.
    /// </summary>
    public static string? TextProblem(string path)
    {
        if (path.Contains('\0'))
            return "contains a NUL character, which is not allowed in a path";
        for (int i = 0; i < path.Length; i++)
        {
            if (char.IsHighSurrogate(path[i]) && i + 1 < path.Length && char.IsLowSurrogate(path[i + 1]))
                i++;
            else if (char.IsSurrogate(path[i]) && !NameBytes.IsRaw(path, i))
                return "contains half a character (an unpaired surrogate)";
        }

        return NameBytes.HasRaw(path) && NameBytes.ToText(NameBytes.Of(path)) != path
            ? "has a character of UTF-8 that is written as single bytes"
            : null;
    }
}
