using BundleCopier.Cli.Serve;
using Xunit;

namespace BundleCopier.Tests.Serve;

public sealed class UserTimeTests
{
    private readonly UserTime time = new();

    [Fact]
    public void The_copies_of_a_user_count_until_the_window_is_over()
    {
        Assert.Equal(5000, Left(user: 1, nowMs: 0));
        time.Add(1, tookMs: 2000, nowMs: 2000);
        time.Add(1, tookMs: 4000, nowMs: 8000);
        Assert.Equal(-1000, Left(user: 1, nowMs: 8000));
        Assert.Equal(1000, Left(user: 1, nowMs: 12_000));
        Assert.Equal(5000, Left(user: 1, nowMs: 18_000));
    }

    [Fact]
    public void Another_user_has_all_of_his_time()
    {
        time.Add(1, tookMs: 5000, nowMs: 5000);
        Assert.Equal(5000, Left(user: 2, nowMs: 5000));
    }

    [Fact]
    public void Any_number_of_users_takes_little_memory_and_does_not_forget_the_last_ones()
    {
        const uint Count = 10 * UserTime.MaxUsers;
        for (uint user = 0; user < Count; user++)
            time.Add(user, tookMs: 5000, nowMs: user);
        Assert.Equal(0, Left(Count - 1, Count));
        Assert.Equal(5000, Left(0, Count));
    }

    private double Left(uint user, long nowMs) =>
        time.Left(user, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), nowMs).TotalMilliseconds;
}
