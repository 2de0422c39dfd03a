using System.Text;

namespace BundleCopier.Input;

/// <summary>
/// The rules for names that become paths below a bundle. They are what keeps a copy inside its destination, so the manifest,
/// the expansion of patterns and the receipt all ask here. Each method returns what is wrong, or null.
/// </summary>
internal static class NameRules
{
    /// <summary>The longest path component Linux filesystems take, in bytes of UTF-8.</summary>
    public const int MaxComponentBytes = 255;

    /// <summary>The longest path a system call takes, in bytes, its closing NUL included.</summary>
    public const int MaxPathBytes = 4096;

    /// <summary>The directory below a bundle that holds the copied files.</summary>
    public const string FilesPrefix = "files/";

    /// <summary>What a compressed file's name gets appended.</summary>
    public const string CompressedSuffix = ".lz4";

    /// <summary>The longest bundle name in characters; leaves room for the dot and <c>.partial</c> around it.</summary>
    public const int MaxBundleLength = 200;

    /// <summary>What is wrong with a name below files/, room for the compressed suffix included; null when nothing is.</summary>
    public static string? NameProblem(string name) => RelativeProblem(name, CompressedSuffix.Length);

    /// <summary>What is wrong with an output path as a receipt gives it (<c>files/...</c>); null when nothing is.</summary>
    public static string? OutputProblem(string output)
    {
        if (!output.StartsWith(FilesPrefix, StringComparison.Ordinal))
            return $"{Printable.Quoted(output)} is not below {FilesPrefix}";
        return RelativeProblem(output[FilesPrefix.Length..], 0);
    }

    /// <summary>What is wrong with a bundle's name; null when nothing is.</summary>
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
                return $"{Printable.Quoted(bundle)} holds a character that is not allowed in a bundle's name";
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
        string[] components = name.Split('/');
        foreach (string component in components)
        {
            if (component.Length == 0)
                return $"{Printable.Quoted(name)} has an empty component (a double or trailing slash)";
            if (component is "." or "..")
                return $"\"{component}\" is not allowed in a path";
            if (Encoding.UTF8.GetByteCount(component) > MaxComponentBytes)
                return $"{Printable.Quoted(component)} is longer than {MaxComponentBytes} bytes";
        }
        // Only the last component gets the suffix; directories keep their full length.
        if (Encoding.UTF8.GetByteCount(components[^1]) > MaxComponentBytes - reservedBytes)
            return $"{Printable.Quoted(components[^1])} is longer than {MaxComponentBytes - reservedBytes} bytes, which leaves no room for \"{CompressedSuffix}\"";
        if (FilesPrefix.Length + Encoding.UTF8.GetByteCount(name) + reservedBytes >= MaxPathBytes)
            return $"{Printable.Quoted(name)} makes a path longer than {MaxPathBytes - 1} bytes";
        return null;
    }

    /// <summary>What makes text unusable as any Linux path: NUL, or half a surrogate pair, which has no UTF-8 form; null when nothing does.</summary>
    public static string? TextProblem(string path)
    {
        if (path.Contains('\0'))
            return "holds a NUL character, which no path can";
        for (int i = 0; i < path.Length; i++)
        {
            if (char.IsHighSurrogate(path[i]) && i + 1 < path.Length && char.IsLowSurrogate(path[i + 1]))
                i++;
            else if (char.IsSurrogate(path[i]))
                return "holds half a character (an unpaired surrogate)";
        }
        return null;
    }
}
