using BundleCopier.Cli.Serve;
using Xunit;

namespace BundleCopier.Tests.Serve;

public sealed class CrashQueueTests
{
    private readonly CrashQueue queue = new(maxWaiting: 4);
    private long lastId;

    [Fact]
    public void The_highest_priority_is_next_and_the_earlier_one_of_two()
    {
        Add("late", priority: 1);
        Add("first", priority: 5);
        Add("second", priority: 5);
        Assert.Equal(["first", "second", "late"], TakeAll());
    }

    [Fact]
    public void A_user_with_many_crashes_delays_another_user_by_one()
    {
        Add("a1", user: 1);
        Add("a2", user: 1);
        Add("a3", user: 1);
        Add("b1", user: 2);
        Assert.Equal(["a1", "b1", "a2", "a3"], TakeAll());
    }

    [Fact]
    public void When_too_many_wait_the_lowest_priority_goes()
    {
        Add("high", priority: 9);
        Add("low", priority: -1);
        Add("b");
        Add("c");
        Assert.Equal("low", Add("d")?.Name);
        Assert.Equal("lower", Add("lower", priority: -2)?.Name);
        Assert.Equal(4, queue.Count);
    }

    [Fact]
    public void When_too_many_wait_the_user_with_the_most_loses_its_last_one()
    {
        Add("a1", user: 1);
        Add("a2", user: 1);
        Add("a3", user: 1);
        Add("b1", user: 2);
        Assert.Equal("a3", Add("b2", user: 2)?.Name);
    }

    [Fact]
    public void Crashes_that_have_waited_too_long_are_taken_out()
    {
        Add("old", arrivedMs: 100);
        Add("new", arrivedMs: 101);
        Assert.Equal(["old"], queue.TakeOlderThan(100).Select(static c => c.Name));
        Assert.Equal(["new"], TakeAll());
    }

    private Crash? Add(string name, int priority = 0, uint user = 0, long arrivedMs = 0) =>
        queue.Add(new Crash.Manifest(++lastId, name, priority, user, arrivedMs));

    private List<string> TakeAll()
    {
        List<string> names = [];
        while (queue.TakeNext() is { } next)
            names.Add(next.Name);
        return names;
    }
}
