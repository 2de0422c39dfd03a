using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests;

public sealed class ChildTests
{
    [Fact]
    public void What_a_child_writes_and_how_it_ends_is_told()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"]);
        Assert.Equal(3, Child.Run(start, out string output, out string errors));
        Assert.Equal(("out\n", "err\n"), (output, errors));
    }

    [Fact]
    public void A_child_that_hangs_is_killed_and_its_output_is_told()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "echo begun; exec sleep 600"]);
        TimeoutException error =
            Assert.Throws<TimeoutException>(() => Child.Run(start, out _, out _, TimeSpan.FromSeconds(1)));
        Assert.Contains("begun", error.Message, StringComparison.Ordinal);
    }
}
