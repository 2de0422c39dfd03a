using BundleCopier.Faults;
using BundleCopier.Native;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Faults;

public sealed class FaultTests
{
    [Fact]
    public void Each_kind_has_a_code_and_a_message_of_whole_sentences_with_the_place() =>
        Assert.All(Enum.GetValues<FaultKind>(), kind =>
        {
            Fault fault = Fault.Of(kind, "at offset 4096");
            Assert.Matches("^[A-Z][A-Z_]+$", fault.Code);
            Assert.Contains(" (at offset 4096)", fault.Message, StringComparison.Ordinal);
            Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("()", Fault.Of(kind).Message, StringComparison.Ordinal);
            // A receipt is read by other commands, and many copies have no manifest.
            Assert.DoesNotContain("--", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("the manifest", fault.Message, StringComparison.Ordinal);
        });

    [Fact]
    public void Each_kind_has_a_reason_that_goes_on_a_sentence() =>
        Assert.All(Enum.GetValues<FaultKind>(), static kind => Assert.Matches("^[a-z].*[^.]$", Fault.Of(kind).Reason));

    [Fact]
    public void The_reason_of_a_deadline_names_its_time() => Assert.Equal(
        "the deadline of 30 s has passed", Fault.Of(FaultKind.DeadlinePassed, "30 s").Reason);

    [Fact]
    public void A_write_that_fails_because_of_space_or_quota_is_a_full_disk()
    {
        Assert.Equal(FaultKind.NoSpace, Fault.OfWrite(new Errno(ENOSPC), 0).Kind);
        Assert.Equal(FaultKind.NoSpace, Fault.OfWrite(new Errno(EDQUOT), 0).Kind);
        Assert.Equal(FaultKind.WriteFailed, Fault.OfWrite(new Errno(EIO), 0).Kind);
    }

    [Fact]
    public void The_kernels_errno_is_the_code_but_a_number_of_our_own_is_not()
    {
        Assert.Equal("EACCES", new Fault(FaultKind.SourceUnreadable, new Errno(EACCES)).Code);
        Assert.Equal("NOT_REGULAR", new Fault(FaultKind.SourceNotRegular, new Errno(KernelErrors.NotRegular)).Code);
    }
}
