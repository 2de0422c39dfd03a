using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>When the disk is full or fails, the committed bytes are right, or nothing is committed.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Loop)]
    [InlineData("slab", "direct")]
    [InlineData("map", "direct")]
    [InlineData("slab", "bounded")]
    [InlineData("slab", "dontcache")]
    public void A_disk_that_fills_up_holds_the_files_of_higher_priority(string mode, string io)
    {
        place.Mount("ext4", 64 * MiB);
        string first = SourceFile.Dense(place.Source("first"), (4 * MiB) + 3);
        string big = SourceFile.Dense(place.Source("big"), 96 * MiB);
        string last = SourceFile.Dense(place.Source("last"), 8 * MiB);
        string manifest = place.Manifest(
            Workspace.Entry(last, priority: -1), Workspace.Entry(big), Workspace.Entry(first, priority: 1));
        CliResult result =
            Cli.Run("--manifest", manifest, "--config",
            place.Config($"bundle-copier {{ reader.mode = {mode}, writer.io = {io} }}"));

        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal("partial", receipt.Status);
        receipt["first"].IsWhole();
        Same.Bytes(first, place.Output("first"));
        Assert.Equal(("partial", "ENOSPC"), (receipt["big"].Status, receipt["big"].Error));
        Assert.Equal(96 * MiB, Kernel.StatusOf(place.Output("big")).SizeBytes);
        long saved = receipt["big"].Ranges.Sum(r => r.Length);
        Assert.InRange(saved, 40 * MiB, 64 * MiB);
        foreach (ReceiptView.FileView file in receipt.Files.Where(f => f.Output is not null))
        {
            foreach ((long offset, long length) in file.Ranges)
                Same.Stretch(file.Source, place.Output(file.Name), offset, offset + length);
        }

        Ended.Says(result, big, "ENOSPC");
    }

    [KernelFact]
    public void With_a_limit_for_file_sizes_small_files_are_copied_and_large_ones_fail()
    {
        string big = SourceFile.Dense(place.Source("big"), 24 * MiB);
        SourceFile.Dense(place.Source("small"), MiB);
        // The JIT keeps its code in a file in memory, unless it is told not to.
        CliResult result =
            Cli.Start(
            ["--manifest", place.Manifest(big, place.Source("small"))], before: ["env",
            "DOTNET_EnableWriteXorExecute=0", "prlimit", $"--fsize={8 * MiB}"]).Wait();

        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["small"].IsWhole();
        Assert.Equal(("failed", "EFBIG"), (receipt["big"].Status, receipt["big"].Error));
        Ended.Says(result, big, "EFBIG", "ulimit -f");
    }

    [KernelFact(Needs.Loop)]
    public void A_disk_that_is_full_from_the_start_is_refused_and_left_as_it_was()
    {
        place.Mount("ext4", 32 * MiB);
        FullDisk.Fill(Path.Combine(place.Destination, "ballast"));
        SourceFile.Dense(place.Source("a"), MiB);
        CliResult result = place.Copy();
        Ended.With(4, result);
        Ended.Says(result, place.Destination, "ENOSPC", "room");
        Assert.Equal(["ballast"], place.LeftInDestination);
    }

    [KernelFact(Needs.Loop)]
    public void A_disk_that_has_room_for_the_receipt_and_nothing_else()
    {
        place.Mount("ext4", 32 * MiB);
        string ballast = Path.Combine(place.Destination, "ballast");
        FullDisk.Fill(ballast);
        using (FileStream file = File.OpenWrite(ballast))
            file.SetLength(file.Length - (768 << 10));
        SourceFile.Dense(place.Source("a"), 4 * MiB);
        CliResult result = place.Copy();
        Ended.With(3, result);
        File.Delete(ballast);
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal("ENOSPC", receipt["a"].Error);
    }

    [KernelFact(Needs.Loop)]
    public void A_disk_that_fails_during_the_copy_ends_it_with_a_true_receipt_or_none()
    {
        // The filesystem has 96 MiB, but its image lies in a tmpfs of 24 MiB: writes fail with EIO or ENOSPC.
        string small = place.MountMemory(24 * MiB);
        place.Mount("ext4", 96 * MiB, small);
        SourceFile.Dense(place.Source("first"), 2 * MiB);
        SourceFile.Dense(place.Source("second"), 64 * MiB);
        CliResult result =
            Cli.Run("--manifest",
            place.Manifest(
            Workspace.Entry(place.Source("second")), Workspace.Entry(place.Source("first"), priority: 1)));

        Assert.True(result.ExitCode is 3 or 4, result.ToString());
        if (result.ExitCode == 4)
        {
            Assert.False(Path.Exists(place.BundlePath), result.ToString());
            Assert.Matches("EIO|ENOSPC|EROFS", result.Errors); // ext4 goes read-only when its journal cannot be written
            return;
        }

        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.NotNull(receipt["second"].Error);
        foreach (ReceiptView.FileView file in receipt.Files.Where(f => f.Output is not null))
        {
            foreach ((long offset, long length) in file.Ranges)
                Same.Stretch(file.Source, place.Output(file.Name), offset, offset + length);
        }
    }

    [Fact]
    public void A_file_that_the_limit_of_file_sizes_does_not_allow_is_not_extracted_and_ends_no_program()
    {
        SourceFile.Dense(place.Source("big"), 16 * MiB);
        SourceFile.Dense(place.Source("small"), 1000);
        Ended.With(0, place.Copy());
        // The managed program needs large files for its code.
        CliResult result = Cli.Start(
            ["extract", place.BundlePath, Path.Combine(place.Disk, "restored")],
            before: ["env", "DOTNET_EnableWriteXorExecute=0", "prlimit", $"--fsize={8 * MiB}"]).Wait();
        Ended.With(4, result);
        Ended.Says(result, "big", "EFBIG");
        Same.Bytes(place.Source("small"), Path.Combine(place.Disk, "restored", "small"));
    }
}
