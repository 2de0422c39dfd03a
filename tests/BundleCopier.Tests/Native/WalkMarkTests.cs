using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class WalkMarkTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_walk_knows_the_mount_that_it_has_reached_also_through_links()
    {
        string trusted = place.MakeTrusted();
        File.CreateSymbolicLink(Path.Combine(trusted, "link"), place.Memory);
        File.CreateSymbolicLink(Path.Combine(trusted, "file"), place.Source("heap"));
        SourceFile.Dense(place.Source("heap"), 1);
        ulong memory = IdOf(Workspace.MemoryRoot);
        Assert.Equal((memory, memory), Walk(place.Source("heap")));
        Assert.Equal((memory, memory), Walk(Path.Combine(trusted, "link", "heap")));
        (ulong mount, ulong parent) = Walk(Path.Combine(trusted, "file"));
        Assert.Equal(memory, mount);
        Assert.NotEqual(memory, parent);
        Assert.Equal(memory, Walk(Path.Combine(trusted, "link", "gone")).Mount);
        // It stops before the last name.
        Assert.Equal((memory, 0UL), Walk(Path.Combine(trusted, "link", "gone", "far", "away")));
    }

    private static (ulong Mount, ulong ParentMount) Walk(string path)
    {
        WalkMark mark = WalkMark.OfThisThread;
        mark.Clear();
        _ = LinuxKernel.Instance.Probe(path);
        return (mark.Mount, mark.ParentMount);
    }

    private static ulong IdOf(string path) => MountPoint.All().Last(mount => mount.Path == path).Id;
}
