using BundleCopier.Actors;
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
}
