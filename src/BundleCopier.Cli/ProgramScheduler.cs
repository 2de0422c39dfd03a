using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace BundleCopier.Cli;

/// <summary>
/// The clock of the program's actor system: one thread that sleeps until something is due. Akka's own scheduler wakes
/// two threads at each tick, and needs the .NET thread pool. What is due within the same tick is done together.
/// </summary>
internal sealed class ProgramScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    private readonly PriorityQueue<Entry, TimeSpan> entries = new();
    private readonly TimeSpan tick;
    private bool isDisposed;

    /// <summary>Akka makes it by its name.</summary>
    public ProgramScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
        tick = config.GetTimeSpan("akka.scheduler.tick-duration");
        new Thread(Run) { IsBackground = true, Name = "akka-scheduler" }.UnsafeStart();
    }

    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(0);

    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(0);

    protected override DateTimeOffset TimeNow => DateTimeOffset.Now;

    /// <summary>Nothing is due any more.</summary>
    public void Dispose()
    {
        lock (entries)
        {
            isDisposed = true;
            Monitor.Pulse(entries);
        }
    }

    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, new Entry(() => receiver.Tell(message, sender), null, cancelable));

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable cancelable) =>
        Add(initialDelay, new Entry(() => receiver.Tell(message, sender), interval, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Add(delay, new Entry(action, null, cancelable));

    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, new Entry(action, interval, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(delay, new Entry(action.Run, null, cancelable));

    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, new Entry(action.Run, interval, cancelable));

    private void Add(TimeSpan delay, Entry entry)
    {
        TimeSpan due = HighResMonotonicClock + delay;
        due = new TimeSpan((due.Ticks + tick.Ticks - 1) / tick.Ticks * tick.Ticks);
        lock (entries)
        {
            if (isDisposed)
                throw new SchedulerException("The scheduler has ended.");
            entries.Enqueue(entry, due);
            if (ReferenceEquals(entries.Peek(), entry))
                Monitor.Pulse(entries);
        }
    }

    private void Run()
    {
        while (WaitForNext() is { } entry)
        {
            if (entry.Cancelable?.IsCancellationRequested == true)
                continue;
            try
            {
                entry.Action();
                if (entry.Interval is { } interval)
                    Add(interval, entry);
            }
            catch (SchedulerException)
            {
                return;
            }
#pragma warning disable CA1031 // The action may be anything; the clock goes on.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                Log.Error(bug, "A scheduled action failed.");
            }
        }
    }

    private Entry? WaitForNext()
    {
        lock (entries)
        {
            while (!isDisposed)
            {
                if (!entries.TryPeek(out _, out TimeSpan due))
                {
                    Monitor.Wait(entries);
                    continue;
                }

                double leftMs = Math.Ceiling((due - HighResMonotonicClock).TotalMilliseconds);
                if (leftMs <= 0)
                    return entries.Dequeue();
                Monitor.Wait(entries, (int)Math.Min(leftMs, int.MaxValue));
            }

            return null;
        }
    }

    /// <summary>Something to do, once or every <paramref name="Interval"/>.</summary>
    private sealed record Entry(Action Action, TimeSpan? Interval, ICancelable? Cancelable);
}
