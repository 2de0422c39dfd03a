using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Observe;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static BundleCopier.Plan.ScoutProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// What the supervisor does about system calls that hang. A call on a source that is silent for a second is taken over:
/// another thread goes on with the other files. After the timeout it is given up, and its file with it. A call on the
/// destination is waited for until its disk has done nothing for the timeout; then the copy ends.
/// </summary>
/// <param name="job">The copy.</param>
/// <param name="holds">Keeps the memory as long as a call that hangs may use it.</param>
/// <param name="hung">Gets the filesystems of sources that hang.</param>
internal sealed class StallGuard(CopyJob job, MemoryHolds holds, HungSources hung) : IDisposable
{
    /// <summary>
    /// After this time other files go on, and a copy that is being stopped waits no longer for a source.
    /// </summary>
    private const long TakeOverMs = 1000;

    // A disk may need seconds to sync, and what is complete shall be committed; but a user who stops a copy waits.
    private const long MaxStoppingMs = 10_000;

    // The actor system waits 5 s by default (akka.coordinated-shutdown.default-phase-timeout).
    private const long MaxShutdownMs = 3_000;

    private readonly StallWatch watch = new();
    private readonly Dictionary<CallWatch, IActorRef> actors = [];
    private readonly List<TakenOver> takenOver = [];
    private long lookMs; // since the look before
    private long stoppingMs;

    /// <summary>Watches the calls of an actor.</summary>
    /// <param name="role">What they are about.</param>
    /// <param name="hire">Makes the actor.</param>
    public IActorRef Watch(CallRole role, Func<CallWatch, IActorRef> hire)
    {
        CallWatch calls = new();
        IActorRef actor = hire(calls);
        watch.Add(new WatchedCalls(calls, role));
        actors.Add(calls, actor);
        return actor;
    }

    /// <summary>An actor has stopped.</summary>
    public void Forget(IActorRef actor)
    {
        watch.Remove(calls => actors[calls.Watch].Equals(actor));
        foreach (CallWatch calls in actors.Where(pair => pair.Value.Equals(actor)).Select(static p => p.Key).ToArray())
            actors.Remove(calls);
    }

    /// <summary>
    /// Looks at the calls of sources, and acts on those that hang. True when the copy's files must know.
    /// </summary>
    /// <param name="nowMs">The time.</param>
    /// <param name="isStopping">The copy ends early.</param>
    public bool Look(long nowMs, bool isStopping)
    {
        long elapsedMs = lookMs = watch.Look(nowMs);
        bool hasChanged = EndReturned();
        foreach (WatchedCalls calls in watch.All)
        {
            if (calls.Role != CallRole.Destination && calls.SilentMs >= TakeOverMs)
                hasChanged |= TryTakeOver(calls);
        }

        long limitMs = isStopping ? TakeOverMs : (long)job.Settings.StallTimeout.TotalMilliseconds;
        foreach (TakenOver one in takenOver)
        {
            one.SilentMs += elapsedMs;
            if (!one.IsGivenUp && one.IsOfSource && one.SilentMs >= limitMs && one.Call.TryGiveUp())
            {
                one.IsGivenUp = hasChanged = true;
                Fault fault = hung.GiveUp(one.Call, Seconds(one.SilentMs));
                one.Actor.Tell(new SourceGivenUp(one.Call, fault));
            }
        }

        if (hasChanged)
            TellAllOfSources(SourcesGoOn.Instance);
        return hasChanged;
    }

    /// <summary>How long the destination has been silent, in words, where that is too long; otherwise null.</summary>
    /// <param name="isCancelled">A user or a host waits for the end of the copy.</param>
    /// <param name="isStopping">The copy ends early, for any cause: also a deadline waits no longer than the timeout.
    /// </param>
    public string? FindHungDestination(bool isCancelled, bool isStopping)
    {
        long limitMs = (long)job.Settings.StallTimeout.TotalMilliseconds;
        long silentLimitMs = limitMs;
        stoppingMs = isStopping ? stoppingMs + lookMs : 0;
        if (isCancelled && job.SystemEnds.IsCancellationRequested)
            limitMs = silentLimitMs = Math.Min(limitMs, MaxShutdownMs);
        else if (isCancelled)
            silentLimitMs = Math.Min(limitMs, MaxStoppingMs);
        foreach (WatchedCalls calls in watch.All)
        {
            if (calls.Role != CallRole.Destination)
                continue;
            long silentMs = Math.Max(calls.SilentMs, calls.FlightsSilentMs);
            if (silentMs >= silentLimitMs)
            {
                Count("destination");
                return Seconds(silentMs);
            }

            // The disk works, but the copy is to end.
            if (calls.IsBusy && stoppingMs >= limitMs)
                return Seconds(stoppingMs);
        }

        return null;
    }

    /// <summary>Other threads do the turns of all that are in a call, so that every actor can stop.</summary>
    public void TakeOverAll() => LeaveBehind(static _ => true);

    /// <summary>The copy has its result: a probe of the canary that runs is not waited for.</summary>
    public void LeaveCanary() => LeaveBehind(static role => role == CallRole.Canary);

    public void Dispose()
    {
        foreach (CallWatch calls in actors.Keys)
            calls.Pulse.Dispose();
    }

    /// <summary>Calls that hang, for people.</summary>
    public void Describe(StateReport report)
    {
        foreach (TakenOver one in takenOver)
        {
            report.Line($"a call on {Input.Printable.Of(one.Call.Subject)} hangs for {Seconds(one.SilentMs)}"
                + (one.IsGivenUp ? ", given up" : ""));
        }
    }

    private void LeaveBehind(Predicate<CallRole> isWanted)
    {
        foreach (WatchedCalls calls in watch.All)
        {
            if (isWanted(calls.Role) && calls.Watch.Round is var ticket && ticket % 2 == 1)
                TakeOver(calls.Watch, ticket)?.TryGiveUp();
        }
    }

    private bool TryTakeOver(WatchedCalls calls)
    {
        if (TakeOver(calls.Watch, calls.Ticket) is not { } call)
            return false;
        IActorRef actor = actors[calls.Watch];
        if (call.InHand is SegmentJob segment)
            segment.IsHung = true;
        takenOver.Add(new TakenOver(call, actor, calls.Role == CallRole.Source) { SilentMs = calls.SilentMs });
        if (calls.Role == CallRole.Source)
            hung.Suspect(call);
        actor.Tell(new CallHangs(call));
        Count(calls.Role == CallRole.Source ? "source" : "canary");
        return true;
    }

    private static void Count(string side) =>
        EngineMeter.Stalls.Add(1, new KeyValuePair<string, object?>(Telemetry.Side, side));

    private HungCall? TakeOver(CallWatch calls, long ticket)
    {
        holds.Hold();
        HungCall? call = calls.TryTakeOver(ticket, holds.Release);
        if (call is null)
            holds.Release();
        return call;
    }

    private bool EndReturned()
    {
        bool hasChanged = false;
        foreach (TakenOver one in takenOver)
        {
            // What was given up stays so: the filesystem may hang again.
            if (one.Call.IsOver && !one.IsGivenUp)
            {
                hung.Clear(one.Call);
                hasChanged = true;
            }
        }

        takenOver.RemoveAll(static one => one.Call.IsOver);
        return hasChanged;
    }

    private void TellAllOfSources(object message)
    {
        foreach (WatchedCalls calls in watch.All)
        {
            if (calls.Role == CallRole.Source)
                actors[calls.Watch].Tell(message);
        }
    }

    private static string Seconds(long silentMs) => $"{(silentMs + 500) / 1000} s";

    private sealed class TakenOver(HungCall call, IActorRef actor, bool isOfSource)
    {
        public HungCall Call => call;

        public IActorRef Actor => actor;

        public bool IsOfSource => isOfSource;

        public long SilentMs { get; set; }

        public bool IsGivenUp { get; set; }
    }
}
