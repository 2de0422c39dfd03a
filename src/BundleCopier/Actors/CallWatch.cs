using Akka.Actor;
using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// Shows the supervisor whether a system call of one actor runs, and whether the actor gets on. A call on a filesystem
/// that does not answer (FUSE, NFS, a frozen disk) may never return, so the actor makes it outside of its mailbox:
/// another thread then does the turns of its <see cref="WorkThread"/>, and the actor can be stopped. Begin and end of
/// a call cost no system call and no message. Safe on any thread.
/// </summary>
internal sealed class CallWatch
{
    /// <summary>The answer of a call that has none.</summary>
    public static readonly object Nothing = new();

    private readonly Lock gate = new();
    private readonly List<HungCall> hung = [];
    private IActorRef self = ActorRefs.Nobody;
    private WorkThread? thread;
    private object? inHand;
    private string subject = "";
    private WalkMark? walked;
    private long round; // odd while a call runs
    private long flights;

    /// <summary>Changes whenever a call begins or ends. Odd while one runs; the number is then its ticket.</summary>
    public long Round => Volatile.Read(ref round);

    /// <summary>
    /// Writes that the kernel has and that have not ended: 0 without any, otherwise another number after each end.
    /// </summary>
    public long Flights
    {
        get => Volatile.Read(ref flights);
        set => Volatile.Write(ref flights, value);
    }

    /// <summary>Shows that the running call gets on.</summary>
    public Pulse Pulse { get; } = new();

    /// <summary>
    /// Changes while the running call gets on: with each beat of its pulse, and with each name that it has looked at.
    /// </summary>
    public (long Beats, long Steps) Progress => (Pulse.Beats, Volatile.Read(ref walked)?.Steps ?? 0);

    /// <summary>The actor has begun to live on the calling thread.</summary>
    public void Attach(IActorRef actor)
    {
        self = actor;
        Volatile.Write(ref thread, WorkThread.Current);
    }

    /// <summary>
    /// Makes a call of the actor. A bug is an answer, too: <see cref="WorkFailed"/>. An answer that comes too late is
    /// sent to the actor (<see cref="CallReturned"/>) where it is wanted.
    /// </summary>
    /// <param name="order">What the actor works on.</param>
    /// <param name="path">The file or directory that the call is about.</param>
    /// <param name="input">What the call needs.</param>
    /// <param name="call">The call; gives its answer.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="drop">Gets an answer that comes too late and is not wanted; null to forget it.</param>
    /// <returns>
    /// False when the call was taken for hung meanwhile: the calling thread is not the actor's any more, and must touch
    /// nothing of the actor.
    /// </returns>
    public bool TryCall<TInput>(
        object? order, string path, TInput input, Func<TInput, object> call, out object answer,
        Action<object>? drop = null)
    {
        long ticket = Begin(order, path);
        try
        {
            answer = call(input);
        }
#pragma warning disable CA1031 // A bug may be anything.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            answer = new WorkFailed(bug);
        }

        if (End(ticket))
            return true;
        HungCall late = Find(ticket);
        if (late.Return(answer))
            self.Tell(new CallReturned(late));
        else
            drop?.Invoke(answer);
        return false;
    }

    /// <summary>A call begins; on the thread of the actor.</summary>
    /// <param name="order">What the actor works on.</param>
    /// <param name="path">The file or directory that the call is about.</param>
    /// <returns>The ticket, for <see cref="End"/>.</returns>
    public long Begin(object? order, string path)
    {
        (inHand, subject, walked) = (order, path, WalkMark.OfThisThread);
        walked.Clear();
        long ticket = round + 1;
        Volatile.Write(ref round, ticket);
        return ticket;
    }

    /// <summary>The running call is about another path now. After it was taken for hung, this does nothing.</summary>
    public void Name(long ticket, string path)
    {
        if (Round != ticket)
            return;
        subject = path;
        Pulse.Beat();
    }

    /// <summary>
    /// The call has returned. False when it was taken for hung meanwhile: the calling thread is not the actor's any
    /// more.
    /// </summary>
    public bool End(long ticket) => Interlocked.CompareExchange(ref round, ticket + 1, ticket) == ticket;

    /// <summary>Takes the running call for hung, and lets another thread do the turns of the actor's thread.</summary>
    /// <param name="ticket">The call.</param>
    /// <param name="whenOver">Called when the call has returned, on its thread.</param>
    /// <returns>Null when it has returned, or where the actor has no thread of its own.</returns>
    public HungCall? TryTakeOver(long ticket, Action whenOver)
    {
        if (Volatile.Read(ref thread) is not { } own)
            return null;
        HungCall call = new(ticket, inHand, subject, whenOver)
        {
            Mount = walked?.Mount ?? 0,
            ParentMount = walked?.ParentMount ?? 0,
        };
        lock (gate)
            hung.Add(call);
        if (End(ticket))
        {
            own.Relieve();
            return call;
        }

        lock (gate)
            _ = hung.Remove(call);
        return null;
    }

    private HungCall Find(long ticket)
    {
        lock (gate)
            return hung.Find(call => call.Ticket == ticket) ?? throw new InvalidOperationException("No such call.");
    }

    /// <summary>The actor has dealt with the call. False when it had before.</summary>
    public bool Forget(HungCall call)
    {
        lock (gate)
        {
            bool isNew = !call.IsForgotten;
            call.IsForgotten = true;
            // One that has not returned finds itself when it does.
            hung.RemoveAll(static one => one.IsForgotten && one.IsOver);
            return isNew;
        }
    }

    /// <summary>The calls that the actor has not dealt with.</summary>
    public HungCall[] Hung()
    {
        lock (gate)
            return [.. hung.Where(static call => !call.IsForgotten)];
    }

    /// <summary>Leaves something to a hung call, which may use it. False when no call hangs.</summary>
    public bool TryLeave(IDisposable resource)
    {
        lock (gate)
            return hung.Exists(call => call.TryLeave(resource));
    }
}
