namespace BundleCopier.Plan;

/// <summary>Names that are taken one by one: no two are equal, and no name is a directory of another. Pure.</summary>
internal sealed class NameClaims
{
    private readonly HashSet<string> names = [];
    private readonly HashSet<string> directories = [];

    /// <summary>The name cannot be taken.</summary>
    public bool Has(string name)
    {
        if (names.Contains(name) || directories.Contains(name))
            return true;
        for (int at = name.IndexOf('/', StringComparison.Ordinal); at >= 0; at = name.IndexOf('/', at + 1))
        {
            if (names.Contains(name[..at]))
                return true;
        }

        return false;
    }

    /// <summary>Takes a name; false where that is not possible.</summary>
    public bool TryTake(string name)
    {
        if (Has(name))
            return false;
        names.Add(name);
        for (int at = name.IndexOf('/', StringComparison.Ordinal); at >= 0; at = name.IndexOf('/', at + 1))
            directories.Add(name[..at]);
        return true;
    }
}
