using Akka.Actor;
using BundleCopier.Native;

namespace BundleCopier.Actors;

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

    /// <summary>The mount that its path walk has reached (<see cref="WalkMark"/>); 0 without a walk.</summary>
    public ulong Mount { get; init; }

    /// <summary>The mount of its subject's directory; 0 where the walk has not come so far.</summary>
    public ulong ParentMount { get; init; }

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
internal sealed record CallHangs(HungCall Call) : INoSerializationVerificationNeeded;

/// <summary>To the actor of a hung call: it has returned.</summary>
internal sealed record CallReturned(HungCall Call) : INoSerializationVerificationNeeded;
