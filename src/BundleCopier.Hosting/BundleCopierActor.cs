using Akka.Actor;
using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>The engine as an actor: it starts copies and passes on how they ended, any number at a time.</summary>
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
