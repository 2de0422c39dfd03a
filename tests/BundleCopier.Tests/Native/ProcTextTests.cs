using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ProcTextTests
{
    private static ReadOnlySpan<byte> MemInfo => """
        MemTotal:       24684084 kB
        MemFree:        20076536 kB
        MemAvailable:   19976004 kB
        Dirty:                48 kB
        Writeback:             0 kB
        Shmem:           4203176 kB
        WritebackTmp:          7 kB
        ShmemHugePages:        9 kB

        """u8;

    private static ReadOnlySpan<byte> Pressure => """
        some avg10=0.14 avg60=0.56 avg300=2.97 total=5557022263
        full avg10=0.00 avg60=0.00 avg300=0.00 total=481223162

        """u8;

    [Fact]
    public void Fields_of_meminfo_are_in_bytes()
    {
        Assert.Equal(20076536L * 1024, ProcText.KibField(MemInfo, "MemFree:"u8));
        Assert.Equal(19976004L * 1024, ProcText.KibField(MemInfo, "MemAvailable:"u8));
        Assert.Equal(48L * 1024, ProcText.KibField(MemInfo, "Dirty:"u8));
        Assert.Equal(0, ProcText.KibField(MemInfo, "Writeback:"u8));
        Assert.Equal(4203176L * 1024, ProcText.KibField(MemInfo, "Shmem:"u8));
    }

    [Fact]
    public void Fields_of_a_process_status_are_separated_by_tabs() =>
        Assert.Equal(64 * 1024, ProcText.KibField("Name:\tx\nVmPTE:\t      64 kB\nVmSwap:\t 0 kB\n"u8, "VmPTE:"u8));

    [Fact]
    public void A_stall_is_the_total_of_its_own_line()
    {
        Assert.Equal(5557022263, ProcText.StallUs(Pressure, "some "u8));
        Assert.Equal(481223162, ProcText.StallUs(Pressure, "full "u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("NotDirty:   5 kB\n")] // only at the start of a line
    [InlineData("Dirty")]
    [InlineData("Dirty:")]
    [InlineData("Dirty:\n")]
    [InlineData("Dirty:   many kB\n")]
    [InlineData("Dirty:   -5 kB\n")]
    [InlineData("Dirty:   9223372036854775807 kB\n")]
    [InlineData("Dirty:   99999999999999999999999 kB\n")]
    public void A_field_that_is_missing_or_not_a_number_is_null(string text) =>
        Assert.Null(ProcText.KibField(System.Text.Encoding.UTF8.GetBytes(text), "Dirty:"u8));

    [Theory]
    [InlineData("")]
    [InlineData("full avg10=0.00 total=5\n")]
    [InlineData("some avg10=0.00\nfull avg10=0.00 total=5\n")] // not the next line's
    [InlineData("some total=\n")]
    [InlineData("some total=x\n")]
    [InlineData("some total=-1\n")]
    public void A_stall_that_is_missing_or_not_a_number_is_null(string text) =>
        Assert.Null(ProcText.StallUs(System.Text.Encoding.UTF8.GetBytes(text), "some "u8));
}
