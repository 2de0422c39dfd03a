using System.Text;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>Records for the kernel's log.</summary>
public sealed class KernelRecordTests
{
    [Theory]
    [InlineData(10, 14)]
    [InlineData(5000, 900)]
    public void A_record_is_complete_at_once_because_it_ends_in_a_line_break(int chars, int bytes)
    {
        string record = Encoding.UTF8.GetString(StandardStreams.KernelRecord(new string('x', chars)));
        Assert.Equal(bytes, record.Length);
        Assert.StartsWith("<3>x", record, StringComparison.Ordinal);
        Assert.EndsWith("x\n", record, StringComparison.Ordinal);
    }
}
