namespace BundleCopier.Settings;

/// <summary>
/// Whether other processes of the same user are kept out of this one: no core dumps, no look into its memory.
/// </summary>
public enum ProcessProtection
{
    /// <summary>
    /// The program protects itself at its start; an application that embeds the engine stays as it is.
    /// </summary>
    Auto,

    /// <summary>An application that embeds the engine is protected, too, from its first copy on.</summary>
    On,
}
