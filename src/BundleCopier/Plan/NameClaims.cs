using BundleCopier.Model;

namespace BundleCopier.Plan;

/// <summary>Names that are taken one by one: no two are equal, and no name is a directory of another. Pure.</summary>
internal sealed class NameClaims
{
    private readonly HashSet<string> names = [];
    private readonly HashSet<string> paths = []; // of the names, and of the directories above them

    /// <summary>The name cannot be taken.</summary>
    public bool Has(string name) => paths.Contains(name) || PathText.Prefixes(name).Any(names.Contains);

    /// <summary>Takes a name; false where that is not possible.</summary>
    public bool TryTake(string name)
    {
        if (Has(name))
            return false;
        names.Add(name);
        paths.UnionWith(PathText.Prefixes(name));
        return true;
    }
}
