using BundleCopier.Restore;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>With little memory fewer threads read a bundle back, or the report says that memory is missing.</summary>
public sealed class ScarceMemoryTests : IDisposable
{
    private static readonly byte[] Content = Contents.Text((3 << 20) + 1234, 1);

    private readonly TestBundle bundle = new TestBundle().AddLz4("a", Content).AddRaw("b", Content).Seal();

    public void Dispose() => bundle.Dispose();

    [Theory]
    [InlineData(0)] // not even for the receipt
    [InlineData(1)] // for the receipt only
    public void Without_memory_every_command_says_so(int allocations)
    {
        VerifyReport verified = new BundleVerifier(ScarceKernel.Of(allocations), 2).Verify(bundle.Bundle);
        Assert.Contains(
            "not enough memory", Assert.IsType<VerifyReport.NoMemory>(verified).Message, StringComparison.Ordinal);
        ExtractReport extracted = new BundleExtractor(ScarceKernel.Of(allocations), 2)
            .Extract(bundle.Bundle, bundle.Destination);
        Assert.Contains("ENOMEM", Assert.IsType<ExtractReport.NoMemory>(extracted).Message, StringComparison.Ordinal);
        CatReport read = new BundleContent(ScarceKernel.Of(allocations)).Read(bundle.Bundle, "a", static _ => true);
        Assert.IsType<CatReport.NoMemory>(read);
    }

    [Fact]
    public void With_memory_for_one_thread_only_everything_is_read_back()
    {
        VerifyReport verified = new BundleVerifier(ScarceKernel.Of(2), 8).Verify(bundle.Bundle);
        Assert.Equal(2, Assert.IsType<VerifyReport.Done>(verified).Count(VerdictKind.Intact));
        ExtractReport extracted = new BundleExtractor(ScarceKernel.Of(2), 8).Extract(bundle.Bundle, bundle.Destination);
        Assert.Equal(2, Assert.IsType<ExtractReport.Done>(extracted).Count(RestoreKind.Restored));
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("a")));
    }
}
