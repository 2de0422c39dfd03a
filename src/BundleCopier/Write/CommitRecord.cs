using BundleCopier.Memory;

namespace BundleCopier.Write;

/// <summary>How far the publishing of a bundle is.</summary>
internal enum PublishState
{
    /// <summary>The bundle has its partial name.</summary>
    Open,

    /// <summary>It is being renamed.</summary>
    Naming,

    /// <summary>It has its name, on disk.</summary>
    Named,

    /// <summary>The copy is given up: the bundle must not get its name, or must lose it again.</summary>
    GivenUp,
}

/// <summary>
/// What the keeper and the supervisor know together about the commit. The keeper's answer is lost when the actor system
/// ends right after the commit, and the copy must not be called a failure then. And a copy whose destination hangs is
/// given up, and must not publish when the destination answers again. Safe on any thread.
/// </summary>
/// <param name="holds">Counts what may use the copy's memory; null where the memory outlives all.</param>
internal sealed class CommitRecord(MemoryHolds? holds = null)
{
    private volatile KeeperProtocol.BundleCommitted? committed;
    private int state = (int)PublishState.Open;

    /// <summary>The keeper's answer; null while there is no bundle.</summary>
    public KeeperProtocol.BundleCommitted? Committed
    {
        get => committed;
        set => committed = value;
    }

    /// <summary>The supervisor has given the copy up.</summary>
    public bool IsGivenUp => Volatile.Read(ref state) == (int)PublishState.GivenUp;

    /// <summary>The keeper is about to rename the bundle. False when the copy is given up.</summary>
    public bool TryName() => TryGo(PublishState.Open, PublishState.Naming);

    /// <summary>The name is on disk. False when the copy is given up: the name must be taken back.</summary>
    public bool TryKeepName() => TryGo(PublishState.Naming, PublishState.Named);

    /// <summary>Gives the copy up, unless the bundle has its name.</summary>
    /// <returns>How far it was.</returns>
    public PublishState GiveUp()
    {
        if (TryGo(PublishState.Open, PublishState.GivenUp))
            return PublishState.Open;
        return TryGo(PublishState.Naming, PublishState.GivenUp) ? PublishState.Naming : (PublishState)state;
    }

    /// <summary>What is disposed may use the memory of the copy until then.</summary>
    public IDisposable Hold(IDisposable resource)
    {
        holds?.Hold();
        return new Held(resource, holds);
    }

    private bool TryGo(PublishState from, PublishState to) =>
        Interlocked.CompareExchange(ref state, (int)to, (int)from) == (int)from;

    private sealed class Held(IDisposable resource, MemoryHolds? holds) : IDisposable
    {
        public void Dispose()
        {
            resource.Dispose();
            holds?.Release();
        }
    }
}
