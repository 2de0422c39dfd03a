namespace BundleCopier.Settings;

/// <summary>What the facts about a process have of its environment (environ(7)), which may hold passwords.</summary>
public enum FactsEnviron
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>The names of the variables.</summary>
    Names,

    /// <summary>Names and values.</summary>
    Full,
}
