using Akka.Actor;

namespace BundleCopier.Actors;

/// <summary>
/// Answers orders, each by system calls, one after the other. It makes the calls outside of its mailbox, so that it
/// can be stopped while one hangs, and can go on with the next order. Where it has no thread of its own, it makes them
/// in its mailbox.
/// </summary>
/// <param name="watch">Shows the supervisor the calls.</param>
internal abstract class OrderActor(CallWatch watch) : UntypedActor
{
    private readonly Queue<object[]> waiting = new();
    private readonly List<object> parked = [];
    private readonly List<object> answers = [];
    private IActorRef self = ActorRefs.Nobody;
    private IActorRef customer = ActorRefs.Nobody;
    private WorkThread? thread;
    private ThreadWork? work;
    private Func<object, object>? answerTo;
    private Action<object>? drop;
    private object[] orders = [];
    private int next;
    private bool isWorking;
    private bool isStopped;

    protected override void PreStart()
    {
        watch.Attach(Self);
        (self, thread, work) = (Self, WorkThread.Current, new ThreadWork(Work, Self));
        (answerTo, drop) = (Answer, Drop);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CallHangs hangs:
                SendAnswers();
                Settle(hangs.Call);
                GoOn();
                break;
            case CallReturned returned:
                Settle(returned.Call);
                break;
            case WorkFailed failed:
                failed.Throw();
                break;
            default:
                if (TryGiveUp(message))
                    break;
                customer = Sender;
                waiting.Enqueue(message is Batch batch ? batch.Messages : [message]);
                if (!isWorking)
                    GoOn();
                break;
        }
    }

    protected override void PostStop()
    {
        isStopped = true;
        foreach (HungCall call in watch.Hung())
        {
            if (!call.TryGiveUp() && call.Answer is { } answer)
                Drop(answer);
        }
    }

    /// <summary>Answers one order.</summary>
    protected abstract object Answer(object order);

    /// <summary>The path that an order is about.</summary>
    protected abstract string SubjectOf(object order);

    /// <summary>A hung call is given up, where the message says so: it answers the order of the call.</summary>
    protected virtual bool TryGiveUp(object message) => false;

    /// <summary>An order waits, because its calls would hang; until <see cref="EndWait"/>.</summary>
    protected virtual bool MustWait(object order) => false;

    /// <summary>An answer that is not wanted any more. On any thread.</summary>
    protected virtual void Drop(object answer)
    {
    }

    /// <summary>Answers the order of a call that is given up.</summary>
    protected void AnswerFor(HungCall call, object answer)
    {
        if (watch.Forget(call))
            customer.Tell(answer);
    }

    /// <summary>Takes the orders again that had to wait.</summary>
    protected void EndWait()
    {
        if (parked.Count == 0)
            return;
        waiting.Enqueue([.. parked]);
        parked.Clear();
        if (!isWorking)
            GoOn();
    }

    /// <summary>Works on the order of a call that is given up once more.</summary>
    protected void Repeat(HungCall call)
    {
        if (!watch.Forget(call))
            return;
        waiting.Enqueue([call.InHand!]);
        if (!isWorking)
            GoOn();
    }

    private void Settle(HungCall call)
    {
        if (call.Answer is not { } answer || !watch.Forget(call))
            return;
        (answer as WorkFailed)?.Throw();
        customer.Tell(answer);
    }

    /// <summary>Goes on with the orders that came together, and then with the next ones.</summary>
    private void GoOn()
    {
        isWorking = true;
        if (next == orders.Length)
        {
            next = 0;
            if (!waiting.TryDequeue(out object[]? more))
            {
                (isWorking, orders) = (false, []);
                return;
            }

            orders = more;
        }

        if (thread is null)
            Work();
        else
            thread.Add(work!);
    }

    private void Work()
    {
        while (next < orders.Length && !isStopped)
        {
            object order = orders[next++];
            if (MustWait(order))
            {
                parked.Add(order);
                continue;
            }

            if (!watch.TryCall(order, SubjectOf(order), order, answerTo!, out object answer, drop))
                return;
            (answer as WorkFailed)?.Throw();
            answers.Add(answer);
        }

        if (isStopped)
            return;
        SendAnswers();
        GoOn();
    }

    private void SendAnswers()
    {
        if (answers.Count > 0)
            customer.Tell(answers.Count == 1 ? answers[0] : new Batch([.. answers]), self);
        answers.Clear();
    }
}
