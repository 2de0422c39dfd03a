using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class HostGaugesTests
{
    [Fact]
    public void A_reading_has_the_kernels_figures()
    {
        HostReading reading = LinuxKernel.Instance.ReadHost();

        Assert.InRange(reading.MemFreeBytes!.Value, 1 << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 64);
        Assert.InRange(reading.MemAvailableBytes!.Value, 1 << 20, long.MaxValue);
        Assert.InRange(reading.ShmemBytes!.Value, 0, long.MaxValue);
        Assert.InRange(reading.DirtyBytes!.Value, 0, long.MaxValue);
        Assert.Equal(IsPressureTold("memory"), reading.MemorySomeUs is not null);
        Assert.Equal(IsPressureTold("io"), reading.IoSomeUs is not null);
        Assert.InRange(LinuxKernel.Instance.PageTableBytes(), 4096, LinuxKernel.Instance.PeakRssBytes());
    }

    [Fact]
    public void Each_reading_is_new()
    {
        // The files are opened once and then read again from their start; the kernel must produce a new text each
        // time.
        HostReading first = LinuxKernel.Instance.ReadHost();
        bool changed = SpinWait.SpinUntil(() => LinuxKernel.Instance.ReadHost() != first, TimeSpan.FromSeconds(30));
        Assert.True(changed, "No figure of this machine changed in 30 s.");
    }

    [Fact]
    public void Readings_allocate_no_memory()
    {
        _ = LinuxKernel.Instance.ReadHost();
        _ = LinuxKernel.Instance.PageTableBytes();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _ = LinuxKernel.Instance.ReadHost();
            _ = LinuxKernel.Instance.PageTableBytes();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool IsPressureTold(string what)
    {
        try
        {
            return File.ReadAllText($"/proc/pressure/{what}").StartsWith("some", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
