using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Sources that another process still changes. The test stops the program with a signal after it has begun with a
/// file, changes the file, and lets the program go on.
/// </summary>
public sealed class LiveSourceTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long BigBytes = 128 * MiB;

    private readonly Workspace place = new();

    public LiveSourceTests()
    {
        SourceFile.Dense(place.Source("big"), BigBytes);
        SourceFile.Dense(place.Source("good"), MiB + 5);
    }

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("map")]
    [InlineData("slab")]
    public void A_file_that_shrinks_to_nothing(string mode)
    {
        ReceiptView receipt = CopyAround(3, mode, file => RandomAccess.SetLength(file, 0));
        ReceiptView.FileView big = receipt["big"];
        Assert.Equal("SHRANK", big.Error);
        Assert.False(big.Stable);
        Assert.Equal(BigBytes, big.Size);
        Assert.Contains(big.Status, new[] { "partial", "failed" });
        Assert.True(big.Ranges.Sum(r => r.Length) < BigBytes);
    }

    [KernelTheory]
    [InlineData("map")]
    [InlineData("slab")]
    public void A_file_that_shrinks_by_a_part_keeps_what_was_there(string mode)
    {
        // Not aligned on purpose: the last page is cut.
        const long Left = (100 * MiB) + 1234;
        ReceiptView receipt = CopyAround(3, mode, file => RandomAccess.SetLength(file, Left));
        ReceiptView.FileView big = receipt["big"];
        Assert.Equal(("partial", "SHRANK"), (big.Status, big.Error));
        // Bytes that were copied before may lie behind the new end.
        (long offset, long length) = Assert.Single(big.Ranges);
        Assert.Equal(0, offset);
        Assert.InRange(length, Left - MiB, BigBytes - 1);
        Same.Stretch(place.Source("big"), place.Output("big"), 0, Math.Min(length, Left));
    }

    [KernelTheory]
    [InlineData("map")]
    [InlineData("slab")]
    public void A_file_that_grows_is_saved_as_it_was(string mode)
    {
        ReceiptView receipt = CopyAround(3, mode, file => SourceFile.Write(file, BigBytes, MiB));
        ReceiptView.FileView big = receipt["big"];
        Assert.Equal(("partial", "GREW", BigBytes), (big.Status, big.Error, big.Size));
        Assert.Equal([(0, BigBytes)], big.Ranges);
        Assert.False(big.Stable);
        Same.Stretch(place.Source("big"), place.Output("big"), 0, BigBytes);
    }

    [KernelTheory]
    [InlineData("map")]
    [InlineData("slab")]
    public void A_file_that_is_emptied_and_made_as_long_again_is_not_called_stable(string mode)
    {
        ReceiptView receipt = CopyAround(null, mode, file =>
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.SetLength(file, BigBytes);
        });
        Assert.False(receipt["big"].Stable);
    }

    [KernelTheory]
    [InlineData("map")]
    [InlineData("slab")]
    public void A_file_that_is_written_to_is_not_called_stable(string mode)
    {
        ReceiptView receipt = CopyAround(0, mode, file => SourceFile.Write(file, 120 * MiB, 4096));
        receipt["big"].IsWhole();
        Assert.False(receipt["big"].Stable);
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_is_renamed_or_removed_after_it_was_opened_is_saved_whole_and_not_called_stable(
        bool isRemoved)
    {
        string kept = place.Source("kept");
        using (RunningCli cli = Begin("slab"))
        {
            if (isRemoved)
            {
                File.Copy(place.Source("big"), kept);
                File.Delete(place.Source("big"));
            }
            else
            {
                File.Move(place.Source("big"), kept);
            }

            cli.Thaw();
            ReceiptView receipt = Ended.Committed(0, place, cli.Wait());
            receipt["big"].IsWhole();
            Assert.False(receipt["big"].Stable);
        }

        Same.Bytes(kept, place.Output("big"));
    }

    [KernelFact]
    public void A_file_that_is_removed_before_its_turn_fails_alone()
    {
        // More files than are open at the same time.
        string[] small =
            [.. Enumerable.Range(0, 400).Select(i => SourceFile.Dense(place.Source($"small-{i:d3}"), 4096))];
        using RunningCli cli = Begin("slab");
        File.Delete(small[^1]);
        cli.Thaw();
        ReceiptView receipt = Ended.Committed(3, place, cli.Wait());
        Assert.Equal(("failed", "ENOENT"), (receipt["small-399"].Status, receipt["small-399"].Error));
        Assert.All(receipt.Files.SkipLast(1), f => f.IsWhole());
    }

    [KernelFact]
    public void A_file_that_a_process_has_open_for_writing_is_not_called_stable()
    {
        using SafeFileHandle writer = OpenForWriting();
        IsWholeAndNotStable();
    }

    [KernelFact]
    public void A_file_that_a_process_has_mapped_for_writing_is_not_called_stable()
    {
        using MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(place.Source("big"), FileMode.Open);
        using MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, 4096);
        view.Write(0, (byte)1);
        IsWholeAndNotStable();
    }

    private void IsWholeAndNotStable()
    {
        ReceiptView receipt = Ended.Committed(0, place, place.Copy());
        receipt["big"].IsWhole();
        Assert.False(receipt["big"].Stable);
        Assert.True(receipt["good"].Stable);
        Same.Bytes(place.Source("big"), place.Output("big"));
    }

    private ReceiptView CopyAround(int? exitCode, string mode, Action<SafeFileHandle> change)
    {
        using RunningCli cli = Begin(mode);
        using (SafeFileHandle file = OpenForWriting())
            change(file);
        cli.Thaw();
        CliResult result = cli.Wait();
        ReceiptView receipt = Ended.Committed(exitCode ?? result.ExitCode, place, result);
        receipt["good"].IsWhole();
        Same.Bytes(place.Source("good"), place.Output("good"));
        return receipt;
    }

    /// <summary>A copy that has just begun with the big file and is stopped there.</summary>
    private RunningCli Begin(string mode)
    {
        string config =
            place.Config(
            $"bundle-copier {{ budget = 2MiB, reader.mode = {mode}, reader.threads = 1, writer.threads = 1 }}");
        string manifest =
            place.Manifest(Workspace.Entry(place.Source("big"), priority: 10), Workspace.Entry(place.Source("[gs]*")));
        RunningCli cli = Cli.Start(["--manifest", manifest, "--config", config]);
        cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "big")), "the big file is begun");
        return cli;
    }

    private SafeFileHandle OpenForWriting() =>
        File.OpenHandle(place.Source("big"), access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
}
