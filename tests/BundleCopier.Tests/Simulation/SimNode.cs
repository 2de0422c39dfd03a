using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A file or directory of the simulated destination, and whether a power cut would leave it as it is.
/// </summary>
internal abstract class SimNode
{
    /// <summary>Changed since it was last seen to disk.</summary>
    public bool IsDirty { get; set; } = true;

    /// <summary>A sync of it failed: what it holds may be lost, whatever later syncs say.</summary>
    public bool IsTainted { get; set; }

    public abstract IEnumerable<(string Path, SimNode Node)> Below(string path);
}

internal sealed class SimFolder : SimNode
{
    public Dictionary<string, SimNode> Children { get; } = [];

    public object? LockedBy { get; set; }

    /// <summary>Whose it is.</summary>
    public DirectoryClaim Claim { get; init; } = DirectoryClaim.Ours;

    public SimNode? Find(string path)
    {
        SimNode? at = this;
        foreach (string name in path.Split('/'))
            at = (at as SimFolder)?.Children.GetValueOrDefault(name);
        return at;
    }

    public override IEnumerable<(string Path, SimNode Node)> Below(string path)
    {
        yield return (path, this);
        foreach ((string name, SimNode child) in Children)
        {
            foreach ((string Path, SimNode Node) below in child.Below($"{path}/{name}"))
                yield return below;
        }
    }
}

internal sealed class SimFile : SimNode
{
    public SimPages Pages { get; } = new();

    public HashSet<long> Reserved { get; } = [];

    public override IEnumerable<(string Path, SimNode Node)> Below(string path) => [(path, this)];
}
