using System.Text.Json.Nodes;
using BundleCopier.Cli;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Tests.EndToEnd;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>Verify of several bundles, of incomplete ones, and as JSON.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private const int MiB = 1 << 20;

    private static readonly byte[] Content = Contents.Text(MiB + 5000, 1);
    private static readonly ReceiptMissing Full = new("ENOSPC", 1, 182 * MiB, "the disk is full");

    private readonly TestBundle bundle = new();
    private readonly TestBundle other = new();

    public void Dispose()
    {
        bundle.Dispose();
        other.Dispose();
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 3, 3)]
    [InlineData(3, 2, 2)]
    [InlineData(2, 4, 4)]
    [InlineData(4, 5, 5)]
    [InlineData(5, 130, 130)]
    public void The_worst_exit_code_counts(int one, int two, int worst)
    {
        Assert.Equal(worst, ExitCode.Worst(one, two));
        Assert.Equal(worst, ExitCode.Worst(two, one));
    }

    [Fact]
    public async Task The_exit_code_of_several_bundles_is_the_worst()
    {
        bundle.AddLz4("a", Content).Seal();
        other.AddRaw("a", Content).Seal();
        Assert.Equal(0, await Run("verify", bundle.Bundle, other.Bundle));
        Assert.Equal(4, await Run("verify", bundle.Bundle, other.Root, other.Bundle));
        other.Flip(0, 5);
        Assert.Equal(5, await Run("verify", other.Bundle, other.Root, bundle.Bundle));
    }

    [Fact]
    public async Task Complete_wants_a_complete_copy_and_every_file_whole()
    {
        bundle.AddLz4("a", Content).Seal(BundleStatus.Complete);
        Assert.Equal(0, await Run("verify", bundle.Bundle, "--complete"));
        bundle.Seal(BundleStatus.Cancelled);
        Assert.Equal(0, await Run("verify", bundle.Bundle));
        Assert.Equal(3, await Run("verify", bundle.Bundle, "--complete"));
        bundle.Seal(BundleStatus.Complete, [Full]);
        Assert.Equal(3, await Run("verify", bundle.Bundle, "--complete"));
        ReceiptFile part = Receipts.Raw("part", Content) with { Status = FileStatus.Partial };
        bundle.Add(part, Content).Seal(BundleStatus.Complete);
        Assert.Equal(0, await Run("verify", bundle.Bundle));
        Assert.Equal(3, await Run("verify", bundle.Bundle, "--complete"));
        other.Add(BundleCopier.Tests.Receipt.Receipts.Failed, null).Seal(BundleStatus.Complete);
        Assert.Equal(3, await Run("verify", other.Bundle, "--complete"));
        bundle.Flip(0, 14);
        Assert.Equal(5, await Run("verify", other.Bundle, bundle.Bundle, "--complete"));
    }

    [Fact]
    public void What_the_bundle_lacks_is_the_last_sentence()
    {
        VerifyReport.Done done = new(BundleStatus.Partial, 0, new Dictionary<VerdictKind, int>())
        {
            Saved = new SavedBytes(178L * MiB, 0, 182L * MiB, 1, 1, 0) { Files = 2 },
            Missing = [Full],
        };
        Assert.Equal("178 of 360 MiB saved; 182 MiB missing: the disk is full", VerifyRun.LackOf(done));
        done = done with { Saved = default, Missing = [] };
        Assert.Equal("the receipt says that the copy was partial", VerifyRun.LackOf(done));
        Assert.Null(VerifyRun.LackOf(done with { CopyStatus = BundleStatus.Complete }));
    }

    [KernelFact]
    public void Json_has_one_object_for_each_bundle_and_nothing_else()
    {
        ReceiptFile part = Receipts.Raw("part", Content) with
        {
            Status = FileStatus.Partial,
            Ranges = [new ByteRange(0, 5000)],
            Error = new ReceiptError("ENOSPC", "The disk was full."),
        };
        bundle.AddLz4("a", Content).Add(part, [.. Content[..5000], .. new byte[Content.Length - 5000]])
            .Seal(missing: [Full]);
        other.AddRaw("x", Content).AddSegments("a", Content).Seal(BundleStatus.Complete);
        other.Flip(1, MiB + 5);
        CliResult result = EndToEnd.Cli.Run("verify", "--json", bundle.Bundle, other.Root, other.Bundle, "-q");
        Ended.With(5, result);
        JsonNode[] lines = [.. result.Output.TrimEnd('\n').Split('\n').Select(static line => JsonNode.Parse(line)!)];
        Assert.Equal(["verified", "error", "verified"], lines.Select(static l => (string)l["event"]!));
        Assert.Equal([bundle.Bundle, other.Root, other.Bundle], lines.Select(static l => (string)l["path"]!));
        Assert.Equal(4, (int)lines[1]["exitCode"]!);
        Assert.Contains("receipt.json", (string)lines[1]["message"]!, StringComparison.Ordinal);

        // The content of "part" has another checksum than the receipt says.
        Assert.Equal(2, (int)lines[0]["files"]!);
        Assert.Equal(1, (int)lines[0]["filesIncomplete"]!);
        Assert.Equal(182 * MiB, (int)lines[0]["missingBytes"]!);
        Assert.Equal("ENOSPC", (string)lines[0]["reasons"]![0]!["code"]!);
        Assert.Contains("182 MiB missing: the disk is full", (string)lines[0]["message"]!, StringComparison.Ordinal);
        Assert.False((bool)lines[0]["complete"]!);

        Assert.Equal("damaged", (string)lines[2]["result"]!);
        Assert.Equal(5, (int)lines[2]["exitCode"]!);
        JsonNode problem = lines[2]["problems"]![0]!;
        Assert.Equal("files/a", (string)problem["file"]!);
        Assert.Equal(MiB, (int)problem["lostOffset"]!);
        Assert.DoesNotContain("intact", result.Errors, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(other.Bundle, "files/a"), result.Errors, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Checksums_that_are_gone_are_told_once()
    {
        bundle.AddSegments("a", Content).AddSegments("b", Content).AddSegments("c", Content).Seal();
        File.Delete(Path.Combine(bundle.Bundle, BundleNames.SegmentChecksums));
        CliResult result = EndToEnd.Cli.Run("verify", bundle.Bundle);
        Ended.With(5, result);
        Assert.Equal(2, result.Errors.Split($"damaged: {BundleNames.SegmentChecksums}: ").Length);
    }

    [Fact]
    public void Of_very_many_problems_the_first_are_kept_and_the_others_counted()
    {
        ProblemList problems = new();
        for (int i = 0; i < ProblemList.MaxCount + 7; i++)
            problems.Add("absent", $"file{i}", "gone");
        using MemoryStream text = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartObject();
            problems.Write(writer);
            writer.WriteEndObject();
        }

        JsonNode written = JsonNode.Parse(text.ToArray())!;
        Assert.Equal(ProblemList.MaxCount, written["problems"]!.AsArray().Count);
        Assert.Equal(7, (int)written["moreProblems"]!);
    }

    private static Task<int> Run(params string[] args) => CommandLine.RunAsync(args);
}
