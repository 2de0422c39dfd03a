using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Settings;
using static BundleCopier.Plan.ScoutProtocol;

namespace BundleCopier.Plan;

/// <summary>
/// Runs <see cref="SourceScout"/>: one answer for each question, in order. While a call hangs, it goes on with the next
/// questions; those about the same filesystem wait.
/// </summary>
internal sealed class ScoutActor(IKernel kernel, CopySettings settings, HungSources hung, CallWatch watch)
    : OrderActor(watch)
{
    private readonly SourceScout scout = new(kernel, settings, hung);
    private readonly CallWatch watch = watch;

    protected override void PostStop()
    {
        base.PostStop();
        scout.Dispose();
    }

    protected override string SubjectOf(object order) => order switch
    {
        OpenSource ask => ask.File.Source,
        PlanSegments ask => ask.Source.Planned.Source,
        ReleaseSource ask => ask.Source.Planned.Source,
        _ => "",
    };

    protected override bool MustWait(object order) => !hung.IsEmpty && hung.IsSuspect(SubjectOf(order));

    protected override object Answer(object order)
    {
        // A listing asks for each of its directories. On a busy machine it may be taken for hung before the first one.
        if (order is not ListSources && !hung.IsEmpty && hung.FaultOf(SubjectOf(order)) is { } fault)
            return Refuse(order, fault);
        switch (order)
        {
            case ListSources ask:
                return List(ask);
            case OpenSource ask:
                return Open(ask);
            case PlanSegments ask:
                return new SegmentsPlanned(ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position));
            case ReleaseSource ask:
                SourceEnd end = scout.Release(ask.Source);
                return new SourceReleased(ask.Source.Planned.Index, end.IsStable, end.Fault);
            default:
                throw new InvalidOperationException($"The scout has no answer to {order.GetType().Name}.");
        }
    }

    protected override bool TryGiveUp(object message)
    {
        if (message is SourcesGoOn)
        {
            EndWait();
            return true;
        }

        if (message is not SourceGivenUp { Call: HungCall call, Fault: Fault fault })
            return false;
        if (call.InHand is ListSources)
            Repeat(call); // without the directory that hangs
        else
            AnswerFor(call, Refuse(call.InHand!, fault));
        return true;
    }

    protected override void Drop(object answer)
    {
        if (answer is SourceOpened opened)
            scout.Drop(opened.Source);
    }

    private object Open(OpenSource ask)
    {
        if (!scout.Open(ask.File, ask.OmitsXattrs, ask.MustShrink).Try(out OpenedSource? opened, out Fault? refused))
            return new SourceRefused(ask.File.Index, refused);
        // Memory is reached without a walk.
        if (opened.CanHang && ask.File.Memory is null)
            hung.Learn(ask.File.Source, WalkMark.OfThisThread);
        return new SourceOpened(opened, SourceScout.Plan(opened, position: 0));
    }

    private SourcesListed List(ListSources ask)
    {
        long ticket = watch.Round;
        Parsed<SourceListing> listing = SourceListing.Of(
            ask.Manifest, kernel, settings, hung, path => watch.Name(ticket, path), scout.Processes);
        if (!listing.IsOk)
            return new SourcesListed(listing);
        scout.Expect(listing.Value.Count);
        bool mayShrink = settings.DestinationWhenFull == WhenFull.Compress;
        return new SourcesListed(
            listing, mayShrink ? scout.DataBytes(listing.Value, path => watch.Name(ticket, path)) : null);
    }

    /// <summary>The answer for a source whose filesystem does not answer.</summary>
    private object Refuse(object order, Fault fault)
    {
        switch (order)
        {
            case OpenSource ask:
                return new SourceRefused(ask.File.Index, fault);
            case PlanSegments ask:
                return new SegmentsPlanned(
                    ask.Source.Planned.Index, new SegmentPlan([], ask.Position, IsLast: true, fault));
            case ReleaseSource ask:
                scout.Drop(ask.Source);
                return new SourceReleased(ask.Source.Planned.Index, IsStable: false, Fault: null);
            default:
                throw new InvalidOperationException($"{order.GetType().Name} cannot be refused.");
        }
    }
}
