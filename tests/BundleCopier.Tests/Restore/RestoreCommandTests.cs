using BundleCopier.Cli;
using BundleCopier.Model;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>
/// The exit codes of the commands. None of these tests writes to standard output, which belongs to the test program.
/// </summary>
public sealed class RestoreCommandTests : IDisposable
{
    private static readonly byte[] Content = Contents.Text((1 << 20) + 5000, 1);

    private readonly TestBundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public async Task Extract_ends_with_0_when_everything_is_restored_and_with_4_when_a_file_exists()
    {
        bundle.AddLz4("a", Content).Seal();
        Assert.Equal(0, await Run("extract", bundle.Bundle, bundle.Destination));
        Assert.Equal(4, await Run("extract", bundle.Bundle, bundle.Destination));
    }

    [Fact]
    public async Task Extract_ends_with_2_for_an_unknown_name()
    {
        bundle.AddLz4("a", Content).Seal();
        Assert.Equal(2, await Run("extract", bundle.Bundle, bundle.Destination, "b"));
        Assert.Equal(2, await Run("extract", bundle.Bundle));
    }

    [Fact]
    public async Task Extract_ends_with_3_when_the_bundle_lacks_data()
    {
        bundle.AddLz4("a", Content).Add(BundleCopier.Tests.Receipt.Receipts.Failed, null).Seal();
        Assert.Equal(3, await Run("extract", bundle.Bundle, bundle.Destination));
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("a")));
    }

    [Fact]
    public async Task All_three_commands_end_with_5_for_damage_and_4_without_a_bundle()
    {
        bundle.AddLz4("a", Content).Seal();
        bundle.Flip(0, 14);
        Assert.Equal(5, await Run("verify", bundle.Bundle));
        Assert.Equal(5, await Run("extract", bundle.Bundle, bundle.Destination));
        Assert.Equal(5, await Run("cat", bundle.Bundle, "a"));
        Assert.Equal(4, await Run("verify", bundle.Root));
        Assert.Equal(4, await Run("extract", bundle.Root, bundle.Destination));
        Assert.Equal(4, await Run("cat", bundle.Root, "a"));
    }

    [Fact]
    public async Task Cat_ends_with_0_beyond_the_end_with_2_for_an_invalid_size_and_with_3_for_missing_data()
    {
        bundle.AddLz4("a", Content)
            .Add(Receipts.Raw("part", Content) with { Status = FileStatus.Partial, Ranges = [new ByteRange(0, 5)] },
                Content)
            .Add(BundleCopier.Tests.Receipt.Receipts.Failed, null)
            .Seal();
        Assert.Equal(0, await Run("cat", bundle.Bundle, "a", "--offset", "1GiB"));
        Assert.Equal(0, await Run("cat", bundle.Bundle, "a", "--length", "0"));
        Assert.Equal(2, await Run("cat", bundle.Bundle, "a", "--offset", "-1"));
        Assert.Equal(2, await Run("cat", bundle.Bundle, "a", "--length", "much"));
        Assert.Equal(2, await Run("cat", bundle.Bundle, "b"));
        Assert.Equal(3, await Run("cat", bundle.Bundle, BundleCopier.Tests.Receipt.Receipts.Failed.Name));
    }

    private static Task<int> Run(params string[] args) => CommandLine.RunAsync(args);
}
