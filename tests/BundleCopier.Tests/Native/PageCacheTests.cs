using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class PageCacheTests
{
    // So a last block of 4 KiB lies in a page of 16 KiB.
    [Fact]
    public void Dropping_a_part_of_a_page_drops_the_page()
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
                Assert.True(output.WriteBack(pageBytes + 100, 50).IsOk);
                Assert.Equal(pageBytes, output.CachedBytes());
            }
        }
    }
}
