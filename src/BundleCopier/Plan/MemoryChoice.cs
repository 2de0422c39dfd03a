using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// Which mappings of a process an entry wants. A pattern that begins with a slash is compared with the path in
/// proc_pid_maps(5), any other with the name of the output (<see cref="MemoryNames.LeafOf"/>). Pure.
/// </summary>
internal sealed class MemoryChoice(ProcessMemory wish)
{
    private readonly (bool IsPath, GlobPattern Pattern)[]? include = Parse(wish.Include);
    private readonly (bool IsPath, GlobPattern Pattern)[]? exclude = Parse(wish.Exclude);

    public bool Wants(MemoryMapping mapping)
    {
        if (include is null && exclude is null)
            return true;
        string leaf = MemoryNames.LeafOf(mapping);
        return (include is null || Matches(include, leaf, mapping.File.Path))
            && (exclude is null || !Matches(exclude, leaf, mapping.File.Path));
    }

    private static bool Matches((bool IsPath, GlobPattern Pattern)[] patterns, string leaf, string path) =>
        Array.Exists(patterns, p => p.Pattern.IsMatch(p.IsPath ? path : leaf));

    private static (bool IsPath, GlobPattern Pattern)[]? Parse(IReadOnlyList<string>? patterns) =>
        patterns?.Select(static p => (p.StartsWith('/'), GlobPattern.Parse(p))).ToArray();
}
