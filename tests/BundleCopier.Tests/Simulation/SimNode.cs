using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>A file or directory of the simulated destination. It knows whether it is on disk.</summary>
internal abstract class SimNode
{
    private static long lastInode;
    private readonly ulong inode = (ulong)Interlocked.Increment(ref lastInode);

    /// <summary>Whether it has changed since its last sync.</summary>
    public bool IsDirty { get; set; } = true;

    /// <summary>Whether a sync of it failed. Its content may be lost, although later syncs report success.</summary>
    public bool IsTainted { get; set; }

    /// <summary>What stat(2) would tell of it.</summary>
    public FileIdentity Identity => new(Device: 1, inode, Links: 1, SizeBytes);

    protected virtual long SizeBytes => 0;

    public abstract IEnumerable<(string Path, SimNode Node)> Below(string path);
}

internal sealed class SimFolder : SimNode
{
    public Dictionary<string, SimNode> Children { get; } = [];

    public object? LockedBy { get; set; }

    /// <summary>Its owner.</summary>
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

    protected override long SizeBytes => Pages.Length;

    public override IEnumerable<(string Path, SimNode Node)> Below(string path) => [(path, this)];
}
