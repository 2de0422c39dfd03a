using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Actors;

public sealed class WorkThreadTests
{
    [Fact]
    public async Task Every_message_is_handled_also_one_that_comes_when_the_thread_is_about_to_sleep()
    {
        const int Messages = 20_000;
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        TaskCompletionSource done = new();
        IActorRef counter =
            system.ActorOf(
            Props.Create(() => new Counter(4 * Messages, done)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
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
        Props props = Props.Create(() => new ThreadActor()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        List<Thread> threads = [];
        for (int i = 0; i < 50; i++)
        {
            IActorRef actor = system.ActorOf(props);
            threads.Add(await actor.Ask<Thread>("thread", TimeSpan.FromMinutes(1)));
            system.Stop(actor);
        }

        Assert.All(threads, t => Assert.True(t.Join(TimeSpan.FromMinutes(1))));
        await system.Terminate();
    }

    [Fact]
    public async Task Actors_of_a_shared_thread_run_on_it_also_those_created_later_and_other_actors_do_not()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        Props props = Props.Create(() => new ThreadActor()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        SharedThread shared = new();
        IActorRef first = shared.For(() => system.ActorOf(props));
        IActorRef second = shared.For(() => system.ActorOf(props));
        IActorRef other = system.ActorOf(props);
        Thread thread = await first.Ask<Thread>("thread", TimeSpan.FromMinutes(1));
        Assert.Same(thread, await second.Ask<Thread>("thread", TimeSpan.FromMinutes(1)));
        Assert.NotSame(thread, await other.Ask<Thread>("thread", TimeSpan.FromMinutes(1)));

        await first.GracefulStop(TimeSpan.FromMinutes(1));
        IActorRef third = shared.For(() => system.ActorOf(props));
        Assert.Same(thread, await third.Ask<Thread>("thread", TimeSpan.FromMinutes(1)));
        await system.Terminate();
        Assert.True(thread.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_thread_looks_after_writes_at_an_event_and_between_messages_until_it_is_told_to_stop()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        IActorRef actor =
            system.ActorOf(Props.Create(() => new LookingActor()).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        (ThreadSignal signal, SemaphoreSlim looked) =
            await actor.Ask<(ThreadSignal, SemaphoreSlim)>("look", TimeSpan.FromMinutes(1));
        signal.Give();
        Assert.True(await looked.WaitAsync(TimeSpan.FromMinutes(1)));
        int before = await actor.Ask<int>("count", TimeSpan.FromMinutes(1));
        Assert.True(await actor.Ask<int>("count", TimeSpan.FromMinutes(1)) > before);
        int last = await actor.Ask<int>("stop", TimeSpan.FromMinutes(1));
        Assert.Equal(last, await actor.Ask<int>("count", TimeSpan.FromMinutes(1)));
        await system.Terminate();
    }

    [Fact]
    public void A_thread_with_writes_to_look_after_does_not_end_when_its_last_actor_stops()
    {
        Host host = new();
        WorkThread thread = new(host);
        thread.Add(new Run(() => WorkThread.Current!.LookBetweenMessages(new ThreadWork(static () => { }))));
        Assert.Same(thread, Assert.Single(host.Started));
        Assert.True(thread.TakeTurn());
        thread.ShutDown();
        Assert.False(thread.TryEnd());
        thread.Add(new Run(() => WorkThread.Current!.StopLooking()));
        Assert.True(thread.TakeTurn());
        thread.ShutDown();
        Assert.True(thread.TryEnd());
        thread.Add(new Run(static () => { }));
        Assert.Equal(2, host.Started.Count);
    }

    [Fact]
    public async Task Objects_that_are_disposed_later_are_disposed_when_the_thread_is_idle_and_before_it_ends()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        List<string> events = [];
        TaskCompletionSource again = new();
        IActorRef actor =
            system.ActorOf(
            Props.Create(() => new LateDisposingActor(events, again)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        Thread thread = await actor.Ask<Thread>("thread", TimeSpan.FromMinutes(1));
        // A stopped actor gets no more messages.
        await again.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await system.Terminate();
        Assert.True(thread.Join(TimeSpan.FromMinutes(1)));
        Assert.Equal(["asked", "again", "given back", "given back"], events);
    }

    private sealed class Host : IThreadHost
    {
        public List<WorkThread> Started { get; } = [];

        public void Start(WorkThread thread) => Started.Add(thread);
    }

    private sealed class Run(Action action) : Akka.Dispatch.IRunnable
    {
        void Akka.Dispatch.IRunnable.Run() => action();

        public void Execute() => action();
    }

    private sealed class LateDisposingActor : ReceiveActor
    {
        public LateDisposingActor(List<string> events, TaskCompletionSource again)
        {
            Receive<string>(s => s == "thread", _ =>
            {
                WorkThread.GiveBackLater(new Leftover(events));
                WorkThread.GiveBackLater(new Leftover(events));
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

    private sealed class LookingActor : ReceiveActor
    {
        private readonly SemaphoreSlim looked = new(0);
        private int looks;

        public LookingActor()
        {
            Receive<string>(s => s == "look", _ =>
            {
                WorkThread.Current!.LookBetweenMessages(new ThreadWork(() =>
                {
                    looks++;
                    looked.Release();
                }));
                Sender.Tell((WorkThread.Current.Signal, looked));
            });
            Receive<string>(s => s == "count", _ => Sender.Tell(looks));
            Receive<string>(s => s == "stop", _ =>
            {
                WorkThread.Current!.StopLooking();
                Sender.Tell(looks);
            });
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

    private sealed class ThreadActor : ReceiveActor
    {
        public ThreadActor() => ReceiveAny(_ => Sender.Tell(Thread.CurrentThread));
    }
}
