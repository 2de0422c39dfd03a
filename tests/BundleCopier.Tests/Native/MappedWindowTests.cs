using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class MappedWindowTests
{
    private const int Pages = 8;

    private static readonly int PageBytes = Environment.SystemPageSize;

    [Theory]
    [InlineData("written", true)]
    [InlineData("hole", false)]
    [InlineData("reserved", false)]
    [InlineData("cut", false)]
    public void A_window_is_written_when_all_its_pages_were_and_asking_allocates_none(string what, bool isWritten)
    {
        using Workspace place = new();
        string path = place.Source("heap");
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(file, (Pages + 2) * PageBytes);
            for (int page = 0; page < Pages; page++)
            {
                if (page != 5 || what is "written" or "cut")
                    RandomAccess.Write(file, new byte[PageBytes], page * PageBytes);
            }

            if (what == "reserved")
                Kernel.Allocate(file, 5 * PageBytes, PageBytes);
            if (what == "cut")
                RandomAccess.SetLength(file, 3 * PageBytes);
        }

        Assert.True(LinuxKernel.Instance.OpenSource(path).Try(out ISourceFile? source, out _));
        using (source)
        {
            Assert.True(source.Status(out FileStat before).IsOk);
            Assert.True(source.Map(0, Pages * PageBytes).Try(out IMappedWindow? window, out _));
            using (window)
                Assert.Equal(isWritten, window.IsWritten());
            Assert.True(source.Status(out FileStat after).IsOk);
            Assert.Equal(before.AllocatedBytes, after.AllocatedBytes);
        }
    }
}
