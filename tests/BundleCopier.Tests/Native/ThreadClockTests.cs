using System.Diagnostics;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ThreadClockTests
{
    [Fact]
    public void A_clock_tells_its_threads_processor_time_until_the_thread_ends()
    {
        using ManualResetEventSlim hasClock = new(), mayEnd = new();
        IThreadClock? clock = null;
        long spunUs = 0;
        Thread thread = new(() =>
        {
            clock = LinuxKernel.Instance.OpenThreadClock();
            Stopwatch watch = Stopwatch.StartNew();
            while (clock?.Read() is { RanUs: < 20_000 } && watch.ElapsedMilliseconds < 10_000)
            {
            }

            spunUs = watch.ElapsedMilliseconds * 1000;
            hasClock.Set();
            mayEnd.Wait();
        });
        thread.Start();
        hasClock.Wait();
        ProcessorTime? told = clock?.Read();
        mayEnd.Set();
        thread.Join();
        Assert.Equal(IsCounted(), clock is not null);
        if (clock is null)
            return;
        Assert.InRange(told!.Value.RanUs, 20_000, spunUs + 20_000);
        Assert.InRange(told.Value.WaitedUs, 0, long.MaxValue);
        // Join returns before the kernel has removed the thread.
        Assert.True(SpinWait.SpinUntil(() => clock.Read() is null, TimeSpan.FromMinutes(1)));
        clock.Dispose();
    }

    // Without CONFIG_SCHED_INFO the kernel has no such file, or one with zeros only.
    private static bool IsCounted() =>
        File.Exists("/proc/self/schedstat")
            && !File.ReadAllText("/proc/self/schedstat").StartsWith("0 ", StringComparison.Ordinal);
}
