using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A file or directory of the simulated destination: what programs see, and what is on the platter. A change is
/// visible at once, and on the platter after a sync; a crash before the sync keeps any part of it.
/// </summary>
internal abstract class SimNode
{
    private static long lastInode;
    private readonly ulong inode = (ulong)Interlocked.Increment(ref lastInode);

    /// <summary>Whether it has changed since its last sync.</summary>
    public bool IsDirty { get; protected set; } = true;

    /// <summary>Whether a sync of it failed. Its content may be lost, although later syncs report success.</summary>
    public bool IsTainted { get; private set; }

    /// <summary>
    /// A removal of it failed, or its directory could not be opened. The engine has given it up, and it does not count.
    /// </summary>
    public bool MayBeLeftOver { get; private set; }

    /// <summary>Another user owns it.</summary>
    public bool IsOfAnotherUser { get; init; }

    /// <summary>What stat(2) would tell of it.</summary>
    public FileIdentity Identity => new(Device: 1, inode, Links: 1, SizeBytes);

    /// <summary>The last change of it, and of everything below it. Only tests set it.</summary>
    public DateTimeOffset ModifiedAt { get; set; } = SimKernel.Epoch;

    protected virtual long SizeBytes => 0;

    public abstract IEnumerable<(string Path, SimNode Node)> Below(string path);

    /// <summary>
    /// It and everything below it may be left over. A directory only while it is empty: the engine cannot open it, and
    /// puts nothing into it.
    /// </summary>
    public void LeaveOver()
    {
        foreach ((_, SimNode node) in Below(""))
            node.MayBeLeftOver |= node is SimFile or SimFolder { Children.Count: 0 };
    }

    /// <summary>A sync has ended well: everything is on the platter, except what an earlier sync has lost.</summary>
    public abstract void Synced();

    /// <summary>
    /// A sync has failed: a part is on the platter, and the rest is lost for good. The kernel takes it for written, so
    /// the next sync ends well without it (fsync(2), NOTES).
    /// </summary>
    public void SyncFailed(Random random)
    {
        IsTainted = true;
        Lose(random);
    }

    /// <summary>What the platter could hold after a power cut now; nothing later changes it.</summary>
    /// <param name="random">Decides what of the unsynced changes is there.</param>
    /// <param name="keeps">The chance of each unsynced change to be there.</param>
    public abstract SimNode AfterCrash(Random random, double keeps);

    /// <summary>
    /// What programs see after the process that wrote it was killed. What was not synced is still not on the platter.
    /// </summary>
    public SimNode AfterKill() => Clone([]);

    protected SimNode Clone(Dictionary<SimNode, SimNode> clones)
    {
        if (!clones.TryGetValue(this, out SimNode? clone))
            clones.Add(this, clone = MakeClone(clones));
        return clone;
    }

    protected abstract SimNode MakeClone(Dictionary<SimNode, SimNode> clones);

    protected static SimNode CloneOf(SimNode node, Dictionary<SimNode, SimNode> clones) => node.Clone(clones);

    protected abstract void Lose(Random random);
}

/// <summary>A directory.</summary>
internal sealed class SimFolder : SimNode
{
    private readonly List<NameChange> unsynced = [];
    private Dictionary<string, SimNode> platter = [];

    /// <summary>The visible names.</summary>
    public Dictionary<string, SimNode> Children { get; } = [];

    public object? LockedBy { get; set; }

    /// <summary>Handles that share its lock.</summary>
    public HashSet<object> Readers { get; } = [];

    /// <summary>Its owner.</summary>
    public DirectoryClaim Claim { get; set; } = DirectoryClaim.Ours;

    public SimNode? Find(string path)
    {
        SimNode? at = this;
        foreach (string name in path.Split('/'))
            at = (at as SimFolder)?.Children.GetValueOrDefault(name);
        return at;
    }

    public void Add(string name, SimNode node) => Change(new NameChange(null, name, node));

    /// <summary>Removes a name and everything below it, name by name.</summary>
    public void RemoveTree(string name)
    {
        if (Children[name] is SimFolder below)
        {
            foreach (string child in below.Children.Keys.ToArray())
                below.RemoveTree(child);
        }

        Change(new NameChange(name, null, null));
    }

    /// <summary>Exchanges two names: on the platter both or none.</summary>
    public void Exchange(string name, string other) =>
        Change(new NameChange(null, name, Children[other], other, Children[name]));

    /// <summary>A power cut now leaves the name as it is.</summary>
    public bool IsOnPlatter(string name) =>
        platter.GetValueOrDefault(name) == Children.GetValueOrDefault(name) && !unsynced.Exists(c => c.Touches(name));

    /// <summary>Moves a name: on the platter the old name is gone exactly when the new one is there.</summary>
    public void Rename(string name, string newName) => Change(new NameChange(name, newName, Children[name]));

    /// <summary>Whether a power cut now could leave the name.</summary>
    public bool MayHaveAfterCrash(string name) =>
        platter.ContainsKey(name) || unsynced.Exists(c => c.Touches(name));

    /// <summary>The nodes that have names after a power cut now.</summary>
    public Dictionary<string, SimNode> NamesAfterCrash(Random random, double keeps)
    {
        Dictionary<string, SimNode> names = new(platter);
        foreach (NameChange change in unsynced)
        {
            if (random.NextDouble() < keeps)
                change.ApplyTo(names);
        }

        return names;
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

    public override void Synced()
    {
        IsDirty = false;
        foreach (NameChange change in unsynced)
            change.ApplyTo(platter);
        unsynced.Clear();
    }

    public override SimNode AfterCrash(Random random, double keeps)
    {
        SimFolder image = new() { Claim = Claim };
        foreach ((string name, SimNode node) in NamesAfterCrash(random, keeps))
            image.Add(name, node.AfterCrash(random, keeps));
        image.Synced();
        return image;
    }

    protected override void Lose(Random random)
    {
        IsDirty = false;
        platter = NamesAfterCrash(random, keeps: 0.5);
        unsynced.Clear();
    }

    protected override SimNode MakeClone(Dictionary<SimNode, SimNode> clones)
    {
        SimFolder clone = new() { Claim = Claim, IsDirty = IsDirty };
        foreach ((string name, SimNode child) in Children)
            clone.Children.Add(name, CloneOf(child, clones));
        clone.platter = platter.ToDictionary(static p => p.Key, p => CloneOf(p.Value, clones));
        clone.unsynced.AddRange(
            unsynced.Select(c => c with { Node = c.Node is null ? null : CloneOf(c.Node, clones) }));
        return clone;
    }

    private void Change(NameChange change)
    {
        change.ApplyTo(Children);
        unsynced.Add(change);
        IsDirty = true;
    }

    /// <summary>Everything but perhaps this name is on the platter.</summary>
    public bool IsOnPlatterBut(string name) =>
        !IsTainted && (!IsDirty || unsynced.TrueForAll(change => change.Touches(name)));

    private sealed record NameChange(
        string? Removed, string? Added, SimNode? Node, string? Other = null, SimNode? OtherNode = null)
    {
        public bool Touches(string name) => Removed == name || Added == name || Other == name;

        public void ApplyTo(Dictionary<string, SimNode> names)
        {
            if (Removed is not null)
                names.Remove(Removed);
            if (Added is not null)
                names[Added] = Node!;
            if (Other is not null)
                names[Other] = OtherNode!;
        }
    }
}

/// <summary>A file.</summary>
internal sealed class SimFile : SimNode
{
    private const int SectorBytes = 512;

    private SimPages? platter = new(); // null while it is the same as the visible pages
    private Dictionary<long, byte[]?>? lost;

    /// <summary>The visible content. Call <see cref="Touch"/> before each change of it.</summary>
    public SimPages Pages { get; private init; } = new();

    public HashSet<long> Reserved { get; } = [];

    /// <summary>
    /// What direct reads find, where the platter has decayed under a page cache that still has the right bytes.
    /// </summary>
    public SimPages? Decayed { get; set; }

    protected override long SizeBytes => Pages.Length;

    /// <summary>The content is about to change.</summary>
    public void Touch()
    {
        platter ??= Pages.Snapshot();
        IsDirty = true;
    }

    public override IEnumerable<(string Path, SimNode Node)> Below(string path) => [(path, this)];

    public override void Synced()
    {
        IsDirty = false;
        platter = lost is null ? null : WithoutLost(Pages.Snapshot());
    }

    public override SimNode AfterCrash(Random random, double keeps)
    {
        SimFile image = new() { Pages = PagesAfterCrash(random, keeps).Snapshot() };
        image.Synced();
        return image;
    }

    /// <summary>
    /// What the file could hold after a power cut now: of each page that was not synced the old bytes, the new ones, a
    /// mix of sectors, or garbage where the disk had given it a place; and the old or the new length.
    /// </summary>
    public SimPages PagesAfterCrash(Random random, double keeps)
    {
        if (platter is null)
            return Pages;
        if (!IsDirty)
            return platter;
        SimPages image = platter.Snapshot();
        image.SetLength(random.NextDouble() < keeps ? Pages.Length : platter.Length);
        foreach (long page in Pages.Present.Union(platter.Present))
        {
            byte[]? next = Pages.At(page);
            bool isCut = page * SimPages.PageBytes >= image.Length;
            if (isCut || ReferenceEquals(next, platter.At(page)) || IsLost(page, next))
                continue;
            if (random.NextDouble() < keeps)
                image.Restore(page, random.Next(8) == 0 ? Torn(random, platter.Page(page), Pages.Page(page)) : next);
            else if (platter.At(page) is null && random.Next(8) == 0)
                image.Restore(page, Garbage(random));
        }

        return image;
    }

    protected override void Lose(Random random)
    {
        SimPages kept = PagesAfterCrash(random, keeps: 0.5).Snapshot();
        lost ??= [];
        foreach (long page in Pages.Present.Union(kept.Present))
        {
            if (!ReferenceEquals(Pages.At(page), kept.At(page)))
                lost[page] = Pages.At(page);
        }

        platter = kept;
        IsDirty = false;
    }

    protected override SimNode MakeClone(Dictionary<SimNode, SimNode> clones)
    {
        SimFile clone = new() { Pages = Pages.Snapshot(), IsDirty = IsDirty };
        (clone.platter, clone.lost) = (platter?.Snapshot(), lost is null ? null : new(lost));
        clone.Reserved.UnionWith(Reserved);
        return clone;
    }

    private bool IsLost(long page, byte[]? visible) =>
        lost is not null && lost.TryGetValue(page, out byte[]? was) && ReferenceEquals(was, visible);

    private SimPages WithoutLost(SimPages next)
    {
        foreach ((long page, byte[]? was) in lost!)
        {
            if (ReferenceEquals(next.At(page), was) && page * SimPages.PageBytes < next.Length)
                next.Restore(page, platter!.At(page));
        }

        return next;
    }

    private static byte[] Torn(Random random, ReadOnlySpan<byte> old, ReadOnlySpan<byte> next)
    {
        byte[] torn = old.ToArray();
        for (int at = 0; at < torn.Length; at += SectorBytes)
        {
            if (random.Next(2) == 0)
                next.Slice(at, SectorBytes).CopyTo(torn.AsSpan(at));
        }

        return torn;
    }

    private static byte[] Garbage(Random random)
    {
        byte[] garbage = new byte[SimPages.PageBytes];
        random.NextBytes(garbage);
        return garbage;
    }
}
