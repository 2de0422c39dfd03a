using Akka.Actor;

namespace BundleCopier.Hosting;

/// <summary>
/// The engine as an actor: runs any number of copies at the same time and answers each with its result.
/// </summary>
internal sealed class BundleCopierActor(HostedCopier copier) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is CopyBundle ask)
            copier.CopyAsync(ask).PipeTo(Sender, Self, success: result => new BundleCopied(ask.Manifest, result));
        else
            Unhandled(message);
    }
}
