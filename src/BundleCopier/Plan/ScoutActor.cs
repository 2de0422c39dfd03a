using Akka.Actor;
using BundleCopier.Native;
using BundleCopier.Settings;
using static BundleCopier.Plan.ScoutProtocol;

namespace BundleCopier.Plan;

/// <summary>The scout's thread: one question, one answer, in order.</summary>
internal sealed class ScoutActor(IKernel kernel, CopySettings settings) : UntypedActor
{
    private readonly SourceScout scout = new(kernel, settings);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ListSources ask:
                Sender.Tell(new SourcesListed(SourceListing.Of(ask.Manifest, kernel)));
                break;
            case OpenSource ask:
                OpenedSource? opened = scout.Open(ask.File, out Faults.Fault? refusal);
                Sender.Tell(opened is null
                    ? new SourceRefused(ask.File.Index, refusal!)
                    : new SourceOpened(opened, SourceScout.Plan(opened, position: 0)));
                break;
            case PlanSegments ask:
                Sender.Tell(new SegmentsPlanned(ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position)));
                break;
            case ReleaseSource ask:
                bool isStable = scout.Release(ask.Source, out Faults.Fault? fault);
                Sender.Tell(new SourceReleased(ask.Source.Planned.Index, isStable, fault));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => scout.Dispose();
}
