using Akka.Actor;
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
        public Named() => ReceiveAny(_ => Sender.Tell(Thread.CurrentThread));
    }
}
