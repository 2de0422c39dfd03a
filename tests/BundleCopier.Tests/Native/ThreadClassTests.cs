using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Native;

public sealed class ThreadClassTests
{
    private static readonly ThreadClass Usual = new(SCHED_OTHER, 0, 0);
    private static readonly ThreadClass Lowest = new(SCHED_IDLE, 19, ThreadClass.IdleIo);
    private static readonly ThreadClass Batch = new(SCHED_BATCH, 10, ThreadClass.LowIo);
    private static readonly ThreadClass RealTime = new(SCHED_FIFO, -20, 1 << 13);

    [Fact]
    public void At_most_takes_the_lower_priority_of_policy_nice_value_and_IO()
    {
        ThreadClass[] rising = [Lowest, Batch, Usual];
        for (int low = 0; low < rising.Length; low++)
        {
            for (int high = low; high < rising.Length; high++)
            {
                Assert.Equal(rising[low], rising[low].AtMost(rising[high]));
                Assert.Equal(rising[low], rising[high].AtMost(rising[low]));
            }
        }

        Assert.Equal(Batch, RealTime.AtMost(Batch));
        ThreadClass nicer = new(SCHED_OTHER, 15, ThreadClass.IdleIo);
        Assert.Equal(nicer with { Policy = SCHED_BATCH }, nicer.AtMost(Batch));
    }

    [Theory]
    [InlineData(CpuScheduling.Keep)]
    [InlineData(CpuScheduling.Auto)]
    public void Settings_that_keep_everything_change_nothing(CpuScheduling scheduling)
    {
        CopySettings settings = new() { Scheduling = scheduling, Nice = 0, IoPriority = IoPriority.Keep };
        ThreadClass keep = ThreadCourtesy.Of(settings);
        Assert.All([Usual, Lowest, Batch, RealTime], c => Assert.Equal(c, c.AtMost(keep)));
    }

    [Fact]
    public void A_class_that_is_set_on_one_thread_does_not_change_another()
    {
        ThreadClass before = Here();
        ThreadClass wish = before.AtMost(new ThreadClass(SCHED_BATCH, 3, ThreadClass.IdleIo));
        ThreadClass found = default;
        Errno refusal = default;
        Thread thread = new(() =>
        {
            refusal = LinuxKernel.Instance.SetThreadClass(wish).Error;
            found = Here();
        });
        thread.Start();
        thread.Join();
        Assert.Equal((Errno.None, wish), (refusal, found));
        Assert.Equal(before, Here());
    }

    [Fact]
    public void A_refused_class_returns_the_kernels_errno() =>
        Assert.Equal(EINVAL, LinuxKernel.Instance.SetThreadClass(Here() with { IoPriority = 7 << 13 }).Error.Code);

    private static ThreadClass Here()
    {
        Assert.True(LinuxKernel.Instance.ReadThreadClass(out ThreadClass found).IsOk);
        return found;
    }
}
