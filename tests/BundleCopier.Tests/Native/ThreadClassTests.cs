using BundleCopier.Actors;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Native;

public sealed class ThreadClassTests
{
    private static readonly ThreadClass Usual = new(SCHED_OTHER, 0, 0);
    private static readonly ThreadClass Humblest = new(SCHED_IDLE, 19, ThreadClass.IdleIo);
    private static readonly ThreadClass Batch = new(SCHED_BATCH, 10, ThreadClass.LowIo);
    private static readonly ThreadClass RealTime = new(SCHED_FIFO, -20, 1 << 13);

    [Fact]
    public void The_humbler_of_two_counts_in_each_respect()
    {
        ThreadClass[] upwards = [Humblest, Batch, Usual];
        for (int low = 0; low < upwards.Length; low++)
        {
            for (int high = low; high < upwards.Length; high++)
            {
                Assert.Equal(upwards[low], upwards[low].AtMost(upwards[high]));
                Assert.Equal(upwards[low], upwards[high].AtMost(upwards[low]));
            }
        }

        Assert.Equal(Batch, RealTime.AtMost(Batch));
        Assert.Equal(new ThreadClass(SCHED_BATCH, 15, ThreadClass.IdleIo), new ThreadClass(SCHED_OTHER, 15, ThreadClass.IdleIo).AtMost(Batch));
    }

    [Theory]
    [InlineData(CpuScheduling.Keep)]
    [InlineData(CpuScheduling.Auto)]
    public void Keeping_everything_changes_nothing(CpuScheduling scheduling)
    {
        ThreadClass keep = ThreadCourtesy.Of(new CopySettings { Scheduling = scheduling, Nice = 0, IoPriority = IoPriority.Keep });
        Assert.All([Usual, Humblest, Batch, RealTime], c => Assert.Equal(c, c.AtMost(keep)));
    }

    [Fact]
    public void What_is_set_on_one_thread_is_read_there_and_does_not_reach_another()
    {
        ThreadClass before = Here(), wish = before.AtMost(new ThreadClass(SCHED_BATCH, 3, ThreadClass.IdleIo)), found = default;
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
    public void What_the_kernel_refuses_comes_back_as_its_errno() =>
        Assert.Equal(EINVAL, LinuxKernel.Instance.SetThreadClass(Here() with { IoPriority = 7 << 13 }).Error.Code);

    private static ThreadClass Here()
    {
        Assert.True(LinuxKernel.Instance.ReadThreadClass(out ThreadClass found).IsOk);
        return found;
    }
}
