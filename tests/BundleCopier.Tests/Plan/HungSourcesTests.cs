using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Plan;

public sealed class HungSourcesTests
{
    private readonly HungSources hung = new(new SimKernel(new SimFaults(1))
    {
        Mounts =
        [
            new MountPoint("/", IsInMemory: false), new MountPoint("/mnt", IsInMemory: false),
            new MountPoint("/mnt/inner", IsInMemory: false), new MountPoint("/dev/shm", IsInMemory: true),
        ],
    });

    [Fact]
    public void A_call_that_hangs_makes_its_mount_suspect_until_it_returns()
    {
        HungCall call = Call("/mnt/a");
        hung.Suspect(call);
        Assert.True(hung.IsSuspect("/mnt/deep/b"));
        Assert.All(
            (string[])["/mnt/inner/b", "/mntb", "/home/b", "/dev/shm/b"], path => Assert.False(hung.IsSuspect(path)));
        Assert.Null(hung.FaultOf("/mnt/b"));
        hung.Clear(call);
        Assert.True(hung.IsEmpty);
    }

    [Fact]
    public void A_call_that_is_given_up_ends_the_files_of_its_mount_and_keeps_what_is_left_to_it()
    {
        int closed = 0;
        HungCall call = Call("/mnt/a");
        hung.Suspect(call);
        Assert.True(call.TryGiveUp());
        Fault fault = hung.GiveUp(call, "30 s");
        Assert.Contains("/mnt did not answer for 30 s", fault.Message, StringComparison.Ordinal);
        Assert.Same(fault, hung.FaultOf("/mnt/b"));
        Assert.False(hung.IsSuspect("/mnt/b"));
        Assert.Null(hung.FaultOf("/home/b"));
        hung.Leave("/mnt/b", new Closed(() => closed++));
        Assert.Equal(0, closed);
        Assert.False(call.Return("late"));
        Assert.Equal(1, closed);
        Assert.Null(call.Answer);
        hung.Leave("/mnt/b", new Closed(() => closed++));
        Assert.Equal(2, closed);
    }

    [Fact]
    public void In_memory_only_the_file_itself_hangs()
    {
        hung.Suspect(Call("/dev/shm/a"));
        Assert.True(hung.IsSuspect("/dev/shm/a"));
        Assert.False(hung.IsSuspect("/dev/shm/b"));
    }

    private static HungCall Call(string path) => new(1, null, path, static () => { });

    private sealed class Closed(Action whenClosed) : IDisposable
    {
        public void Dispose() => whenClosed();
    }
}
