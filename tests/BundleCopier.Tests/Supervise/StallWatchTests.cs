using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class StallWatchTests
{
    private readonly CallWatch calls = new();
    private readonly StallWatch watch = new();
    private readonly WatchedCalls watched;
    private long nowMs = 1000;

    public StallWatchTests()
    {
        watched = new WatchedCalls(calls, CallRole.Source);
        watch.Add(watched);
        watch.Look(nowMs);
    }

    [Fact]
    public void A_call_is_silent_from_the_first_look_that_finds_it_until_it_ends()
    {
        long ticket = calls.Begin("order", "/mnt/file");
        Pass(100);
        Assert.Equal(0, watched.SilentMs);
        Pass(100);
        Pass(100);
        Assert.Equal((200, ticket), (watched.SilentMs, watched.Ticket));
        Assert.True(calls.End(ticket));
        Pass(100);
        Assert.Equal(0, watched.SilentMs);
    }

    [Fact]
    public void A_walk_of_many_calls_that_return_is_not_silent_and_one_call_that_does_not_is()
    {
        long ticket = calls.Begin("order", "/mnt/tree");
        Pass(100);
        for (int i = 0; i < 20; i++)
        {
            WalkMark.OfThisThread.Step();
            Pass(100);
            Assert.Equal(0, watched.SilentMs);
        }

        Pass(100);
        Assert.Equal(100, watched.SilentMs);
        Assert.True(calls.End(ticket));
    }

    [Fact]
    public void An_actor_that_begins_another_call_is_not_silent()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.True(calls.End(calls.Begin(null, "/mnt/file")));
            _ = calls.Begin(null, "/mnt/file");
            Pass(100);
            Assert.Equal(0, watched.SilentMs);
            Assert.True(calls.End(calls.Round));
        }
    }

    [Fact]
    public void A_call_of_many_steps_is_not_silent_while_it_gets_on()
    {
        _ = calls.Begin(null, "/mnt/file");
        for (int i = 0; i < 20; i++)
        {
            calls.Pulse.Beat();
            Pass(100);
        }

        Assert.Equal(0, watched.SilentMs);
        Pass(100);
        Assert.Equal(100, watched.SilentMs);
    }

    [Fact]
    public void A_call_is_not_silent_while_the_disk_works_that_it_waits_for_and_a_write_in_flight_is()
    {
        Disk disk = new();
        calls.Pulse.Follow(disk);
        calls.Flights = 1;
        _ = calls.Begin(null, "");
        Pass(100);
        for (int i = 0; i < 20; i++)
        {
            disk.Count++;
            Pass(100);
        }

        Assert.Equal((0, 2000), (watched.SilentMs, watched.FlightsSilentMs));
        Assert.True(watched.IsBusy);
        // It says nothing any more.
        disk.Count = null;
        Pass(100);
        Pass(100);
        Assert.Equal(200, watched.SilentMs);
        calls.Pulse.Dispose();
        Assert.True(disk.IsClosed);
    }

    [Fact]
    public void A_counter_that_comes_after_the_end_is_closed()
    {
        Disk disk = new();
        calls.Pulse.Dispose();
        calls.Pulse.Follow(disk);
        Assert.True(disk.IsClosed);
        Assert.Null(calls.Pulse.FinishedByDisk());
    }

    [Fact]
    public void A_process_that_stood_still_has_no_late_calls()
    {
        _ = calls.Begin(null, "/mnt/file");
        Pass(100);
        Pass(3_600_000);
        Assert.InRange(watched.SilentMs, 1, 500);
    }

    [Fact]
    public void Writes_in_flight_are_silent_until_one_ends()
    {
        calls.Flights = 1;
        Pass(100);
        Pass(100);
        Assert.Equal(100, watched.FlightsSilentMs);
        calls.Flights = 2;
        Pass(100);
        Assert.Equal(0, watched.FlightsSilentMs);
        calls.Flights = 0;
        Pass(100);
        Pass(100);
        Assert.Equal(0, watched.FlightsSilentMs);
    }

    [Fact]
    public void An_actor_without_a_thread_of_its_own_is_not_taken_over()
    {
        long ticket = calls.Begin(null, "/mnt/file");
        Assert.Null(calls.TryTakeOver(ticket, static () => { }));
        Assert.Empty(calls.Hung());
        Assert.True(calls.End(ticket));
    }

    private void Pass(long elapsedMs) => watch.Look(nowMs += elapsedMs);

    private sealed class Disk : IDiskCounter
    {
        public long? Count { get; set; } = 0;

        public bool IsClosed { get; private set; }

        public long? Finished() => Count;

        public void Dispose() => IsClosed = true;
    }
}
