using Akka.Actor;
using BundleCopier.Actors;
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
        if (Batch.Answer(message, Answer) is { } answer)
            Sender.Tell(answer);
        else
            Unhandled(message);
    }

    protected override void PostStop() => scout.Dispose();

    private object? Answer(object order)
    {
        switch (order)
        {
            case ListSources ask:
                return new SourcesListed(SourceListing.Of(ask.Manifest, kernel));
            case OpenSource ask:
                OpenedSource? opened = scout.Open(ask.File, out Faults.Fault? refusal);
                return opened is null
                    ? new SourceRefused(ask.File.Index, refusal!)
                    : new SourceOpened(opened, SourceScout.Plan(opened, position: 0));
            case PlanSegments ask:
                return new SegmentsPlanned(ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position));
            case ReleaseSource ask:
                bool isStable = scout.Release(ask.Source, out Faults.Fault? fault);
                return new SourceReleased(ask.Source.Planned.Index, isStable, fault);
            default:
                return null;
        }
    }
}
