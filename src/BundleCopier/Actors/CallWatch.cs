namespace BundleCopier.Actors;

/// <summary>
/// Shows the supervisor whether a system call of one actor runs, and whether the actor gets on. A call on a filesystem
/// that does not answer (FUSE, NFS, a frozen disk) may never return, so the actor makes it outside of its mailbox:
/// another thread then does the turns of its <see cref="WorkThread"/>, and the actor can be stopped. Begin and end of
/// a call cost no system call and no message. Safe on any thread.
/// </summary>
internal sealed class CallWatch
{
    private readonly Lock gate = new();
    private readonly List<HungCall> hung = [];
    private WorkThread? thread;
    private object? inHand;
    private string subject = "";
    private long round; // odd while a call runs
    private long flights;
    private long steps;

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

    /// <summary>Changes whenever the running call, which is several system calls in a row, gets on.</summary>
    public long Steps => Volatile.Read(ref steps);

    /// <summary>The running call gets on: one of its system calls has returned.</summary>
    public void GetsOn() => Interlocked.Increment(ref steps);

    /// <summary>The actor has begun to live on the calling thread.</summary>
    public void Attach() => Volatile.Write(ref thread, WorkThread.Current);

    /// <summary>A call begins; on the thread of the actor.</summary>
    /// <param name="order">What the actor works on.</param>
    /// <param name="path">The file or directory that the call is about.</param>
    /// <returns>The ticket, for <see cref="End"/>.</returns>
    public long Begin(object? order, string path)
    {
        (inHand, subject) = (order, path);
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
        GetsOn();
    }

    /// <summary>
    /// The call has returned. False when it was taken for hung meanwhile: the calling thread is not the actor's any
    /// more, and must touch nothing of the actor but <see cref="Find"/> its call.
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
        HungCall call = new(ticket, inHand, subject, whenOver);
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

    /// <summary>The call that was taken for hung; on its thread.</summary>
    public HungCall Find(long ticket)
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

/// <summary>A system call that is taken for hung. It may return all the same, after any time.</summary>
/// <param name="ticket">Its number.</param>
/// <param name="inHand">What its actor worked on.</param>
/// <param name="subject">The path that it is about.</param>
/// <param name="whenOver">Called when it has returned.</param>
internal sealed class HungCall(long ticket, object? inHand, string subject, Action whenOver)
{
    private readonly Lock gate = new();
    private readonly List<IDisposable> left = [];
    private bool isGivenUp;
    private bool isOver;

    public long Ticket => ticket;

    public object? InHand => inHand;

    public string Subject => subject;

    /// <summary>The actor has dealt with it; for <see cref="CallWatch.Forget"/>.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>It has returned.</summary>
    public bool IsOver
    {
        get
        {
            lock (gate)
                return isOver;
        }
    }

    /// <summary>What it has returned; null before that, and when it is given up.</summary>
    public object? Answer { get; private set; }

    /// <summary>Its answer is not wanted any more. False when it has returned.</summary>
    public bool TryGiveUp()
    {
        lock (gate)
            return !isOver && (isGivenUp = true);
    }

    /// <summary>
    /// Leaves something to the thread of the call, which disposes it when the call has returned: to close a file may
    /// hang like the call. False when it has returned.
    /// </summary>
    public bool TryLeave(IDisposable resource)
    {
        lock (gate)
        {
            if (!isOver)
                left.Add(resource);
            return !isOver;
        }
    }

    /// <summary>The call has returned; on its thread.</summary>
    /// <returns>False when its answer is not wanted.</returns>
    public bool Return(object answer)
    {
        bool isWanted;
        lock (gate)
        {
            isOver = true;
            isWanted = !isGivenUp;
            Answer = isWanted ? answer : null;
        }

        foreach (IDisposable resource in left)
            resource.Dispose();
        whenOver();
        return isWanted;
    }
}

/// <summary>To the actor of a call: it is taken for hung, and the actor goes on without it.</summary>
internal sealed record CallHangs(HungCall Call) : Akka.Actor.INoSerializationVerificationNeeded;

/// <summary>To the actor of a hung call: it has returned.</summary>
internal sealed record CallReturned(HungCall Call) : Akka.Actor.INoSerializationVerificationNeeded;

/// <summary>To an actor, from its own thread: a bug, met outside of its mailbox.</summary>
internal sealed record WorkFailed(Exception Bug) : Akka.Actor.INoSerializationVerificationNeeded
{
    /// <summary>Throws the bug, as if the actor had met it in its mailbox.</summary>
    public void Throw() => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Bug);
}
