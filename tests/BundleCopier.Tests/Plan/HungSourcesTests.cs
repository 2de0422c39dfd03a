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
            new MountPoint("/", IsInMemory: false, 1, "8:1"), new MountPoint("/mnt", IsInMemory: false, 2, "0:40"),
            new MountPoint("/mnt/inner", IsInMemory: false, 3, "0:41"),
            new MountPoint("/bound", IsInMemory: false, 4, "0:40"), new MountPoint("/dev/shm", IsInMemory: true, 5),
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
    public void A_bind_mount_of_a_filesystem_that_hangs_is_suspect_too()
    {
        hung.Suspect(Call("/mnt/a"));
        Assert.True(hung.IsSuspect("/bound/b"));
    }

    [Fact]
    public void Behind_a_symbolic_link_the_mount_that_the_walk_has_reached_hangs_and_no_other()
    {
        // /link leads to /mnt/deep.
        HungCall call = Call("/link/a", mount: 2, parentMount: 2);
        hung.Suspect(call);
        Assert.All((string[])["/link/b", "/mnt/c", "/bound/c"], path => Assert.True(hung.IsSuspect(path)));
        Assert.All((string[])["/home/b", "/linked", "/b"], path => Assert.False(hung.IsSuspect(path)));
        Assert.Contains("/mnt did not answer", hung.GiveUp(call, "30 s").Message, StringComparison.Ordinal);
        Assert.NotNull(hung.FaultOf("/link/b"));
    }

    [Fact]
    public void A_walk_that_hangs_before_its_last_name_makes_the_directory_suspect()
    {
        hung.Suspect(Call("/link/deep/a", mount: 2));
        Assert.True(hung.IsSuspect("/link/deep/b"));
        Assert.False(hung.IsSuspect("/link/other"));
    }

    [Fact]
    public void A_symbolic_link_to_a_file_that_hangs_makes_its_neighbours_not_suspect()
    {
        // /home/a leads to /mnt/a.
        hung.Suspect(Call("/home/a", mount: 2, parentMount: 1));
        Assert.True(hung.IsSuspect("/home/a"));
        Assert.True(hung.IsSuspect("/mnt/b"));
        Assert.False(hung.IsSuspect("/home/b"));
    }

    [Fact]
    public void A_source_that_was_opened_before_is_known_by_the_walk_to_it()
    {
        hung.Learn("/link/a", new WalkMark { Mount = 2, ParentMount = 2 });
        hung.Learn("/home/b", new WalkMark { Mount = 2, ParentMount = 1 });
        // Reading it makes no walk.
        hung.Suspect(Call("/link/a"));
        Assert.All((string[])["/link/a", "/link/c", "/home/b", "/mnt/d"], path => Assert.True(hung.IsSuspect(path)));
        Assert.False(hung.IsSuspect("/home/c"));
    }

    [Fact]
    public void In_memory_only_the_file_itself_hangs()
    {
        hung.Suspect(Call("/dev/shm/a"));
        Assert.True(hung.IsSuspect("/dev/shm/a"));
        Assert.False(hung.IsSuspect("/dev/shm/b"));
    }

    private static HungCall Call(string path, ulong mount = 0, ulong parentMount = 0) =>
        new(1, null, path, static () => { }) { Mount = mount, ParentMount = parentMount };

    private sealed class Closed(Action whenClosed) : IDisposable
    {
        public void Dispose() => whenClosed();
    }
}
