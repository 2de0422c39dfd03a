using BundleCopier.Manifest;
using BundleCopier.Model;

namespace BundleCopier.Restore;

/// <summary>
/// What a NAME means that is not the name of a file: a directory, which stands for all files below it, or a pattern in
/// the last component, by the rules of a manifest. A pattern finds files and directories.
/// </summary>
internal sealed class NamePick
{
    /// <summary>The rule, for messages.</summary>
    public const string Rule =
        "Wildcards work only in the last component of a NAME; a directory stands for all files below it.";

    private readonly string parent; // with a slash at its end, or empty
    private readonly string leaf;
    private readonly GlobPattern? pattern;

    private NamePick(string parent, string leaf)
    {
        this.parent = parent;
        this.leaf = leaf;
        pattern = GlobPattern.IsPattern(leaf) ? GlobPattern.Parse(leaf) : null;
    }

    /// <summary>It has a wildcard in its last component.</summary>
    public bool IsPattern => pattern is not null;

    /// <summary>It has a wildcard in front of its last component, where it is an ordinary character.</summary>
    public bool HasEarlyWildcard => PathText.Names(parent).Any(GlobPattern.IsPattern);

    /// <summary>The characters that a name begins with if the pattern means it.</summary>
    public string Start => parent + leaf[..Math.Max(0, leaf.AsSpan().IndexOfAny('*', '?', '['))];

    public static NamePick Of(string name)
    {
        // The slash at the end of a directory is what shells complete.
        string trimmed = name.TrimEnd('/');
        int start = PathText.NameStart(trimmed);
        return new NamePick(trimmed[..start], trimmed[start..]);
    }

    /// <summary>True for a file that it means.</summary>
    public bool IsMatch(string name)
    {
        if (!name.StartsWith(parent, StringComparison.Ordinal))
            return false;
        int end = name.IndexOf('/', parent.Length);
        if (pattern is null)
            return end - parent.Length == leaf.Length && name.AsSpan(parent.Length, leaf.Length).SequenceEqual(leaf);
        return pattern.IsMatch(end < 0 ? name[parent.Length..] : name[parent.Length..end]);
    }
}
