using Akka.Actor;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>
/// The engine as an actor: runs any number of copies at the same time and answers each with its result.
/// </summary>
internal sealed class BundleCopierActor(CopyEngine engine, CopySettings settings) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is not CopyBundle ask)
        {
            Unhandled(message);
            return;
        }

        engine.CopyAsync(ask.Manifest, ask.Settings ?? settings, stop: ask.Stop)
            .PipeTo(Sender, Self, success: result => new BundleCopied(ask.Manifest, result));
    }
}
