using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class LinuxDiskCounterTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void The_parts_of_a_device_number_are_those_of_the_kernel()
    {
        Assert.Equal((8u, 1u), LinuxDiskCounter.DeviceNumbers(0x801));
        Assert.Equal((259u, 70_000u), LinuxDiskCounter.DeviceNumbers(0x1111_0370));
    }

    [KernelTheory(Needs.Loop | Needs.Btrfs)]
    [InlineData("ext4")]
    [InlineData("btrfs")]
    public void The_counter_goes_on_when_the_disk_has_written(string type)
    {
        place.Mount(type, 128 << 20);
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? directory, out _));
        using (directory)
        {
            using IDiskCounter? counter = directory.OpenDiskCounter();
            Assert.NotNull(counter);
            long before = Assert.NotNull(counter.Finished());
            File.WriteAllBytes(Path.Combine(place.Destination, "file"), new byte[1 << 20]);
            Assert.True(directory.SyncFilesystem().IsOk);
            Assert.True(counter.Finished() > before);
        }
    }

    [KernelFact]
    public void A_filesystem_without_a_disk_has_none()
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Memory).Try(out IDirectory? directory, out _));
        using (directory)
            Assert.Null(directory.OpenDiskCounter());
    }
}
