using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class PageCacheTests
{
    // A block of 4 KiB at the end of a file lies like that in a page of 16 KiB.
    [Fact]
    public void A_page_leaves_the_cache_also_where_only_a_part_of_it_is_let_go()
    {
        int pageBytes = Environment.SystemPageSize;
        using Workspace place = new();
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? directory, out _));
        Assert.True(LinuxKernel.Instance.AllocateSlabs(2 << 20).Try(out ISlabMemory? memory, out _));
        using (directory)
        using (memory)
        {
            Assert.True(directory.CreateFile("f", OutputIo.Bounded).Try(out IOutputFile? output, out _));
            using (output)
            {
                Assert.Equal(IoResult.Ok(2 * pageBytes), output.Write(memory.Address, 2 * pageBytes, 0));
                if (output.CachedBytes() < 0)
                    return; // cachestat(2) is younger than this kernel
                Assert.Equal(0, output.CachedBytes());
                _ = File.ReadAllBytes(Path.Combine(place.Destination, "f"));
                Assert.Equal(2 * pageBytes, output.CachedBytes());
                Assert.True(output.Settle(pageBytes + 100, 50).IsOk);
                Assert.Equal(pageBytes, output.CachedBytes());
            }
        }
    }
}
