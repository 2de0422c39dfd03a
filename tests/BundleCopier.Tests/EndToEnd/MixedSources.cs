using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Sources of every kind (dense, with holes, compressed, small, empty, in directories), and what must hold of their
/// bundle after a fault.
/// </summary>
internal sealed class MixedSources
{
    private const long MiB = 1 << 20;

    // What a program says that has met a bug in itself.
    private static readonly string[] BugWords = ["Unhandled", "   at ", "internal error", "please report"];

    private readonly Workspace place;
    private readonly JsonObject[] entries;

    public MixedSources(Workspace place, long denseBytes = (2 * MiB) + 4099, int smallCount = 4)
    {
        this.place = place;
        string dense = SourceFile.Dense(place.Source("dense"), denseBytes);
        string sparse = SourceFile.Sparse(place.Source("sparse"), 6 * MiB, (MiB, 20_000), (4 * MiB, 300_000));
        string text = SourceFile.Text(place.Source("text"), MiB + 77_777);
        string empty = SourceFile.Dense(place.Source("empty"), 0);
        string[] small =
            [.. Enumerable.Range(0, smallCount).Select(i => SourceFile.Dense(place.Source($"small{i}"), 4096 + i))];
        entries =
        [
            Workspace.Entry(dense), Workspace.Entry(sparse), CompressedBundle.Entry(text, "lz4"),
            Workspace.Entry(empty, "d/empty"), .. small.Select((s, i) => Workspace.Entry(s, $"d/e{i % 3}/small{i}")),
        ];
    }

    /// <summary>The arguments of a copy to the destination that the place has now.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="lowersThreads">
    /// The copy's threads have the class idle. They wait where other tests take the processors.
    /// </param>
    public string[] Copy(string settings = "", bool lowersThreads = false)
    {
        string keep = lowersThreads ? "" : "process.scheduling = keep";
        string manifest = place.Manifest([.. entries.Select(e => e.DeepClone().AsObject())]);
        return ["--manifest", manifest, "--config", place.Config($"bundle-copier {{ {settings}\n{keep} }}")];
    }

    /// <summary>
    /// Whatever has failed: exit 0 and a whole bundle, exit 3 and a bundle that is as its receipt says, or exit 4 and
    /// no bundle.
    /// </summary>
    public void EndedTrue(CliResult result)
    {
        Assert.True(result.ExitCode is 0 or 3 or 4, $"Expected exit 0, 3 or 4: {result}");
        foreach (string word in BugWords)
            Assert.False(result.Errors.Contains(word, StringComparison.Ordinal), $"It speaks of a bug: {result}");
        Assert.True(
            Path.Exists(place.BundlePath) == (result.ExitCode != 4), $"Exit {result.ExitCode} is not true: {result}");
        if (result.ExitCode != 4)
            IsTrue(isComplete: result.ExitCode == 0);
    }

    /// <summary>The bundle verifies and its files have the bytes that the receipt lists.</summary>
    /// <param name="isComplete">It also has every file and every byte.</param>
    public void IsTrue(bool isComplete)
    {
        Ended.With(0, place.Verify());
        ReceiptView receipt = ReceiptView.Read(place);
        string restored = CompressedBundle.Extract(receipt.Status == "complete" ? 0 : 3, place);
        CompressedBundle.RestoresRanges(receipt, restored);
        Directory.Delete(restored, recursive: true);
        if (!isComplete)
            return;
        Assert.Equal("complete", receipt.Status);
        Assert.Equal(entries.Length, receipt.Files.Count);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            Assert.Equal(("copied", null), (file.Status, file.Error));
            Assert.Equal(file.Size == 0 ? [] : [(0, file.Size)], file.Ranges);
            Assert.Equal(Kernel.StatusOf(file.Source).SizeBytes, file.Size);
        }
    }

    /// <summary>After a crash there is nothing under the bundle's name, or a bundle that is true.</summary>
    /// <param name="hasCommitted">The copy has said that it is complete, so the bundle must be there.</param>
    /// <param name="what">What has crashed.</param>
    public void SurvivedTrue(bool hasCommitted, string what)
    {
        Assert.True(
            !hasCommitted || Path.Exists(place.BundlePath), $"The exit code was 0 and the bundle is gone: {what}");
        if (Path.Exists(place.BundlePath))
            IsTrue(isComplete: hasCommitted);
    }
}
