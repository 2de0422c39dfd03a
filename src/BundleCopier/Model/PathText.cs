namespace BundleCopier.Model;

/// <summary>Splits and joins Linux paths. It only looks at the text, and never asks the kernel.</summary>
internal static class PathText
{
    private const char Separator = '/';

    /// <summary>The parent directory and the last component. The parent is empty when the path has no slash.</summary>
    public static (string Parent, string Name) Split(string path) => (Parent(path), Name(path));

    /// <summary>
    /// The parent directory without a slash at its end, except for the root: "/a" for "/a/b", "/" for "/a", "" for
    /// "a".
    /// </summary>
    public static string Parent(string path) => path.LastIndexOf(Separator) switch
    {
        < 0 => "",
        0 => "/",
        int slash => path[..slash],
    };

    /// <summary>The last component.</summary>
    public static string Name(string path) => path[NameStart(path)..];

    /// <summary>The index at which the last component starts.</summary>
    public static int NameStart(string path) => path.LastIndexOf(Separator) + 1;

    /// <summary>
    /// All components. A leading, double or trailing slash gives an empty one, so that a caller can refuse it.
    /// </summary>
    public static string[] Components(string path) => path.Split(Separator);

    /// <summary>The components without empty ones, as the kernel resolves the path.</summary>
    public static string[] Names(string path) => path.Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The path up to the end of each of its components: "/a", "/a/b" and "/a/b/c" for "/a/b/c".</summary>
    public static IEnumerable<string> Prefixes(string path)
    {
        for (int at = 0; at < path.Length; at++)
        {
            bool isEndOfName = path[at] != Separator && (at + 1 == path.Length || path[at + 1] == Separator);
            if (isEndOfName)
                yield return path[..(at + 1)];
        }
    }

    /// <summary>A path below a directory. Slashes at the directory's end do not count.</summary>
    public static string Join(string directory, string name) => $"{directory.TrimEnd(Separator)}/{name}";
}
