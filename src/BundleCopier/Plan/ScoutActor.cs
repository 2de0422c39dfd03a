using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Settings;
using static BundleCopier.Plan.ScoutProtocol;

namespace BundleCopier.Plan;

/// <summary>Runs <see cref="SourceScout"/>: one answer for each question, in order.</summary>
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
                Parsed<SourceListing> listing = SourceListing.Of(ask.Manifest, kernel);
                if (!listing.IsOk)
                    return new SourcesListed(listing);
                scout.Expect(listing.Value.Count);
                bool mayShrink = settings.DestinationWhenFull == WhenFull.Compress;
                return new SourcesListed(listing, mayShrink ? scout.DataBytes(listing.Value) : 0);
            case OpenSource ask:
                return scout.Open(ask.File, ask.OmitsXattrs, ask.MustShrink).Try(out OpenedSource? opened, out Fault? fault)
                    ? new SourceOpened(opened, SourceScout.Plan(opened, position: 0))
                    : new SourceRefused(ask.File.Index, fault);
            case PlanSegments ask:
                return new SegmentsPlanned(ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position));
            case ReleaseSource ask:
                SourceEnd end = scout.Release(ask.Source);
                return new SourceReleased(ask.Source.Planned.Index, end.IsStable, end.Fault);
            default:
                return null;
        }
    }
}
