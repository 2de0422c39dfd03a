using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// With a hard memory limit, to which the program's own pages are charged, too, the kernel kills nothing, and the
/// bundle is whole.
/// </summary>
[Trait("Program", "native")]
[Collection(AloneOnTheMachine.Name)]
public sealed class CgroupTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long SizeBytes = 4L << 30;

    private readonly ITestOutputHelper output;
    private readonly Workspace place = new();
    private readonly string program;

    public CgroupTests(ITestOutputHelper output)
    {
        this.output = output;
        program = Path.Combine(place.Disk, "bundlecopy");
    }

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Native | Needs.MemoryGroup | Needs.LargeSource)]
    [Trait("Category", "Large")]
    [InlineData("dense", "none", 64)]
    [InlineData("sparse", "none", 64)]
    [InlineData("text", "lz4", 64)]
    [InlineData("text", "lz4", 48)]
    public void A_copy_of_4_GiB_is_made_and_verified_within_a_hard_limit_of_memory(
        string content, string compression, long limitMiB)
    {
        // Made here, outside of the group: shared memory is charged to the group that touches it first.
        string source = Make(content);
        using MemoryGroup group = new(limitMiB * MiB);
        TakeTheProgramFromTheDisk();
        CliResult result = Cli.Start(
            ["--manifest", place.Manifest(source), "--compression",
                compression], before: group.Inside, program: program).Wait();
        Assert.True(result.ExitCode == 0, $"{group.OomKills} processes were killed: {result}");
        ReceiptView receipt = ReceiptView.Read(place);
        output.WriteLine(
            $"{content}: {group.PeakBytes / MiB} MiB charged, "
            + $"{receipt.Resources.GetProperty("peakRssBytes").GetInt64() / MiB} MiB resident, "
            + $"{receipt.Resources.GetProperty("seconds")} s");
        Assert.Equal(
            ("complete", "copied", SizeBytes),
            (receipt.Status, receipt[content].Status, receipt[content].Ranges.Sum(r => r.Length)));
        Ended.With(0, Cli.Start(
            ["verify", place.BundlePath], before: group.Inside, program: program).Wait());
        Assert.Equal((0, 0), (group.OomKills, group.SharedBytes));
    }

    // A separate copy of the program whose pages are not in memory, so they are charged to the group.
    private void TakeTheProgramFromTheDisk()
    {
        File.Copy(Cli.Native!, program);
        Tool.Run("sync", program);
        Kernel.DropCache(program);
    }

    private string Make(string content) => content switch
    {
        "dense" => SourceFile.Large(place.Source(content), SizeBytes, isText: false),
        "text" => SourceFile.Large(place.Source(content), SizeBytes, isText: true),
        _ => SourceFile.Sparse(
            place.Source(
            content), SizeBytes, [.. Enumerable.Range(0, 300).Select(i => ((i * 13 * MiB) + (i * 4096L), MiB))]),
    };
}
