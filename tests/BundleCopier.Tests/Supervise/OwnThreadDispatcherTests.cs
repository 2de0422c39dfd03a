using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class OwnThreadDispatcherTests
{
    [Fact]
    public async Task Every_message_is_handled_whoever_sends_it_and_whenever_the_thread_was_about_to_sleep()
    {
        const int Messages = 20_000;
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        TaskCompletionSource done = new();
        IActorRef counter = system.ActorOf(Props.Create(() => new Counter(4 * Messages, done)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        Thread[] senders = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Messages; i++)
                counter.Tell(i);
        }))];
        foreach (Thread sender in senders)
            sender.Start();
        await done.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await system.Terminate();
    }

    [Fact]
    public async Task Actors_that_come_and_go_leave_no_thread_behind()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        Props props = Props.Create(() => new Named()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        List<Thread> threads = [];
        for (int i = 0; i < 50; i++)
        {
            IActorRef actor = system.ActorOf(props);
            threads.Add(await actor.Ask<Thread>("who", TimeSpan.FromMinutes(1)));
            system.Stop(actor);
        }

        Assert.All(threads, t => Assert.True(t.Join(TimeSpan.FromMinutes(1))));
        await system.Terminate();
    }

    [Fact]
    public async Task Actors_of_a_shared_thread_have_one_together_also_those_that_come_later_and_others_do_not()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        Props props = Props.Create(() => new Named()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        SharedThread shared = new();
        IActorRef first = shared.For(() => system.ActorOf(props));
        IActorRef second = shared.For(() => system.ActorOf(props));
        IActorRef stranger = system.ActorOf(props);
        Thread thread = await first.Ask<Thread>("who", TimeSpan.FromMinutes(1));
        Assert.Same(thread, await second.Ask<Thread>("who", TimeSpan.FromMinutes(1)));
        Assert.NotSame(thread, await stranger.Ask<Thread>("who", TimeSpan.FromMinutes(1)));

        await first.GracefulStop(TimeSpan.FromMinutes(1));
        IActorRef third = shared.For(() => system.ActorOf(props));
        Assert.Same(thread, await third.Ask<Thread>("who", TimeSpan.FromMinutes(1)));
        await system.Terminate();
        Assert.True(thread.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task What_is_attended_is_looked_after_when_the_kernel_announces_something_and_in_the_middle_of_long_work()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        IActorRef actor = system.ActorOf(Props.Create(() => new Attentive()).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        (ThreadSignal signal, SemaphoreSlim looked) = await actor.Ask<(ThreadSignal, SemaphoreSlim)>("listen", TimeSpan.FromMinutes(1));
        signal.Give();
        Assert.True(await looked.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.True(await actor.Ask<bool>("breathe", TimeSpan.FromMinutes(1)));
        Assert.False(await actor.Ask<bool>("leave", TimeSpan.FromMinutes(1)));
        await system.Terminate();
    }

    [Fact]
    public async Task What_is_given_back_later_is_when_the_thread_has_nothing_else_to_do_and_before_it_ends()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        List<string> events = [];
        TaskCompletionSource again = new();
        IActorRef actor = system.ActorOf(Props.Create(() => new Untidy(events, again)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        Thread thread = await actor.Ask<Thread>("who", TimeSpan.FromMinutes(1));
        // Whoever is stopped hears no more.
        await again.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await system.Terminate();
        Assert.True(thread.Join(TimeSpan.FromMinutes(1)));
        Assert.Equal(["asked", "again", "given back", "given back"], events);
    }

    [Fact]
    public async Task A_turn_that_is_lent_is_taken_by_the_thread_of_a_worker_who_has_sent_something_and_by_no_other()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        Props named = Props.Create(() => new Named()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        Props sends = Props.Create(() => new Sends()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        IActorRef lender = system.ActorOf(named);
        IActorRef worker = new SharedThread().For(() => system.ActorOf(sends));
        IActorRef stranger = system.ActorOf(sends);
        OwnThreadDispatcher dispatcher = await lender.Ask<OwnThreadDispatcher>("dispatcher", TimeSpan.FromMinutes(1));
        Thread own = await lender.Ask<Thread>("who", TimeSpan.FromMinutes(1));
        Thread workers = await worker.Ask<Thread>(system.DeadLetters, TimeSpan.FromMinutes(1));

        Assert.Same(own, await Through(worker));
        dispatcher.LendsTurns = true;
        Assert.Same(workers, await Through(worker));
        Assert.Same(own, await Through(stranger));
        dispatcher.LendsTurns = false;
        Assert.Same(own, await Through(worker));
        await system.Terminate();
        Assert.True(own.Join(TimeSpan.FromMinutes(1)));
        Assert.True(workers.Join(TimeSpan.FromMinutes(1)));

        async Task<Thread> Through(IActorRef sender)
        {
            TaskCompletionSource<Thread> took = new(TaskCreationOptions.RunContinuationsAsynchronously);
            // Asked for by the sender's own turn, so that it is the sender's thread that makes the lender's due.
            sender.Tell((lender, took));
            return await took.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Every_message_is_handled_by_one_thread_at_a_time_while_turns_are_lent_and_kept_in_turn()
    {
        const int Messages = 20_000;
        const int Workers = 3;
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef lender = system.ActorOf(Props.Create(() => new Jealous(2 * Workers * Messages, done)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        Props props = Props.Create(() => new Chatty(lender, Messages)).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        for (int i = 0; i < Workers; i++)
            new SharedThread().For(() => system.ActorOf(props)).Tell("go");
        // And as many who lend no hand.
        for (int i = 0; i < Workers; i++)
            system.ActorOf(props).Tell("go");
        Assert.True(await done.Task.WaitAsync(TimeSpan.FromMinutes(1)));
        await system.Terminate();
    }

    private sealed class Sends : ReceiveActor
    {
        public Sends()
        {
            Receive<(IActorRef To, TaskCompletionSource<Thread> Took)>(ask => ask.To.Tell(ask.Took));
            ReceiveAny(_ => Sender.Tell(Thread.CurrentThread));
        }
    }

    private sealed class Chatty : ReceiveActor
    {
        public Chatty(IActorRef to, int count) => ReceiveAny(_ =>
        {
            to.Tell(count);
            if (--count > 0)
                Self.Tell("more");
        });
    }

    private sealed class Jealous : ReceiveActor
    {
        private int inside;
        private bool wasAlone = true;

        public Jealous(int left, TaskCompletionSource<bool> done)
        {
            OwnThreadDispatcher dispatcher = OwnThreadDispatcher.Current!;
            ReceiveAny(_ =>
            {
                wasAlone &= Interlocked.Increment(ref inside) == 1;
                dispatcher.LendsTurns = left % 7 != 0;
                Interlocked.Decrement(ref inside);
                if (--left == 0)
                    done.SetResult(wasAlone);
            });
        }
    }

    private sealed class Untidy : ReceiveActor
    {
        public Untidy(List<string> events, TaskCompletionSource again)
        {
            Receive<string>(s => s == "who", _ =>
            {
                OwnThreadDispatcher.GiveBackLater(new Leftover(events));
                OwnThreadDispatcher.GiveBackLater(new Leftover(events));
                Self.Tell(1);
                events.Add("asked");
                Sender.Tell(Thread.CurrentThread);
            });
            Receive<int>(_ =>
            {
                events.Add("again");
                again.SetResult();
            });
        }

        private sealed class Leftover(List<string> events) : IDisposable
        {
            public void Dispose() => events.Add("given back");
        }
    }

    private sealed class Attentive : ReceiveActor
    {
        private readonly SemaphoreSlim looked = new(0);
        private int looks;

        public Attentive()
        {
            Action look = () =>
            {
                looks++;
                looked.Release();
            };
            Receive<string>(s => s == "listen", _ =>
            {
                OwnThreadDispatcher.Current!.Attend(look);
                Sender.Tell((OwnThreadDispatcher.Current.Signal, looked));
            });
            Receive<string>(s => s == "breathe", _ => Sender.Tell(HasLookedWhileBreathing()));
            Receive<string>(s => s == "leave", _ =>
            {
                OwnThreadDispatcher.Current!.Leave(look);
                Sender.Tell(HasLookedWhileBreathing());
            });
        }

        private bool HasLookedWhileBreathing()
        {
            int before = looks;
            OwnThreadDispatcher.Breathe();
            return looks > before;
        }
    }

    private sealed class Counter : ReceiveActor
    {
        private int left;

        public Counter(int count, TaskCompletionSource done)
        {
            left = count;
            ReceiveAny(_ =>
            {
                if (--left == 0)
                    done.SetResult();
            });
        }
    }

    private sealed class Named : ReceiveActor
    {
        public Named()
        {
            Receive<string>(s => s == "dispatcher", _ => Sender.Tell(OwnThreadDispatcher.Current));
            Receive<TaskCompletionSource<Thread>>(took => took.SetResult(Thread.CurrentThread));
            ReceiveAny(_ => Sender.Tell(Thread.CurrentThread));
        }
    }
}
