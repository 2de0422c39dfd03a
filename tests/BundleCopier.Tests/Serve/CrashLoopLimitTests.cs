using BundleCopier.Cli.Serve;
using Xunit;

namespace BundleCopier.Tests.Serve;

public sealed class CrashLoopLimitTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly CrashLoopLimit limit = new();

    [Fact]
    public void The_first_crashes_of_a_program_are_kept_and_later_ones_again_after_the_window()
    {
        Assert.Equal([true, true, false, false], new long[] { 0, 1000, 2000, 9999 }.Select(ms => Admits("a", ms)));
        Assert.Equal([true, false, true], new long[] { 10_000, 10_500, 11_000 }.Select(ms => Admits("a", ms)));
    }

    [Fact]
    public void Another_program_is_not_held_back()
    {
        Assert.True(Admits("a", 0) && Admits("a", 0) && !Admits("a", 0));
        Assert.True(Admits("b", 0));
    }

    [Fact]
    public void Any_number_of_names_takes_little_memory_and_does_not_forget_the_last_ones()
    {
        for (int i = 0; i < 10 * CrashLoopLimit.MaxPrograms; i++)
            Assert.True(Admits($"p{i}", i));
        string last = $"p{(10 * CrashLoopLimit.MaxPrograms) - 1}";
        Assert.True(Admits(last, 10_300));
        Assert.False(Admits(last, 10_300));
    }

    private bool Admits(string program, long nowMs) => limit.Admits(program, maxCrashes: 2, Window, nowMs);
}
