namespace BundleCopier.Write;

/// <summary>
/// Says that the bundle is committed. The keeper's answer is lost when the actor system ends right after the commit,
/// and the copy must not be called a failure then. The keeper sets it, and the supervisor reads it after the keeper
/// has stopped.
/// </summary>
internal sealed class CommitRecord
{
    private volatile KeeperProtocol.BundleCommitted? committed;

    /// <summary>The keeper's answer; null while there is no bundle.</summary>
    public KeeperProtocol.BundleCommitted? Committed
    {
        get => committed;
        set => committed = value;
    }
}
