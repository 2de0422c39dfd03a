using System.IO.MemoryMappedFiles;
using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A copy is killed in the middle, and the same command is given again.</summary>
public sealed class ResumeTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long DataBytes = 160 * MiB;

    // What is in flight, and what is not in the journal yet.
    private const long MostLostBytes = 50 * MiB;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("raw", "")]
    [InlineData("raw", "reader.mode = map")]
    [InlineData("raw", "writer.io = bounded")]
    [InlineData("ranges", "")]
    [InlineData("small", "")]
    [InlineData("raw", "compression = lz4")]
    [InlineData("raw", "compression = auto")]
    public void A_killed_copy_goes_on_and_writes_only_what_is_missing(string kind, string settings)
    {
        string[] args = Copy(kind, settings);
        long writtenBytes = KillAfter(args, DataBytes / 2);
        CliResult result = Cli.Run(args);
        Ended.With(0, result);
        Assert.Contains("resumed: ", result.Errors, StringComparison.Ordinal);
        ReceiptView receipt = ReceiptView.Read(place);
        Assert.True(receipt.Root.GetProperty("resumed").GetBoolean());
        long keptBytes = receipt.Resources.GetProperty("keptBytes").GetInt64();
        Assert.InRange(keptBytes, writtenBytes - MostLostBytes, writtenBytes);
        Assert.All(receipt.Files, static file => Assert.True(file.Stable, file.Name));
        Assert.Equal(["b"], place.LeftInDestination);
        Assert.Equal(["checksums", "files", "receipt.json"], Names().Union(["checksums"]).Order());
        Ended.With(0, place.Verify());
        string restored = CompressedBundle.Extract(0, place);
        CompressedBundle.RestoresRanges(receipt, restored);
        IsAsInOneRun(receipt, args);
    }

    [Fact]
    public void A_source_that_changed_after_the_kill_is_copied_from_its_start()
    {
        string[] args = Copy("raw", "");
        KillAfter(args, DataBytes / 2);
        // It has the size and the name of the old one.
        File.Delete(place.Source("heap"));
        SourceFile.Dense(place.Source("heap"), DataBytes);
        using (FileStream file = File.OpenWrite(place.Source("heap")))
            file.Write("other"u8);
        Ended.With(0, Cli.Run(args));
        Assert.False(ReceiptView.Read(place).Root.TryGetProperty("resumed", out _));
        Same.Bytes(place.Source("heap"), place.Output("heap"));
    }

    [Fact]
    public void Bytes_that_changed_without_a_change_of_the_times_are_copied_too()
    {
        string[] args = Copy("raw", "");
        using (MemoryMappedFile map = MemoryMappedFile.CreateFromFile(place.Source("heap"), FileMode.Open))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor())
        {
            // Only the first store to a page changes the times (fault_dirty_shared_page in mm/memory.c).
            view.Write(3 * MiB, 1L);
            DateTime before = File.GetLastWriteTimeUtc(place.Source("heap"));
            KillAfter(args, DataBytes / 2);
            view.Write(3 * MiB, 2L);
            Assert.Equal(before, File.GetLastWriteTimeUtc(place.Source("heap")));
        }

        Ended.With(0, Cli.Run(args));
        Assert.True(ReceiptView.Read(place).Root.GetProperty("resumed").GetBoolean());
        Same.Bytes(place.Source("heap"), place.Output("heap"));
        Ended.With(0, place.Verify());
    }

    [Fact]
    public void A_signal_before_everything_is_compared_leaves_what_was_saved_for_the_next_copy()
    {
        string[] args = Copy("raw", "");
        CliResult stopped;
        int tries = 0;
        while (true)
        {
            KillAfter(args, DataBytes / 2);
            using RunningCli cli = Cli.Start(args);
            // It compares what was saved from now on. On a busy machine the signal can come after that.
            cli.FreezeWhen(() => cli.HasOpen(Path.Combine(place.PartialPath, "journal")), "it has the journal open");
            cli.Signal(Kernel.SigTerm);
            cli.Thaw();
            stopped = cli.Wait();
            if (!Directory.Exists(place.BundlePath) || ++tries == 10)
                break;
            Directory.Delete(place.BundlePath, recursive: true);
        }

        Ended.With(143, stopped);
        Ended.Says(stopped, "Nothing is committed yet", "stay in", ".b.partial", "the same command goes on");
        Assert.Equal([".b.partial"], place.LeftInDestination);
        Ended.With(0, Cli.Run(args));
        ReceiptView receipt = ReceiptView.Read(place);
        Assert.InRange(
            receipt.Resources.GetProperty("keptBytes").GetInt64(), (DataBytes / 2) - MostLostBytes, DataBytes);
        Ended.With(0, place.Verify());
    }

    [Fact]
    public void With_fresh_the_copy_starts_over()
    {
        string[] args = Copy("raw", "");
        KillAfter(args, DataBytes / 2);
        Ended.With(0, Cli.Run([.. args, "--fresh"]));
        Assert.False(ReceiptView.Read(place).Root.TryGetProperty("resumed", out _));
        Ended.With(0, place.Verify());
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("cut in a block")]
    [InlineData("damaged output")]
    public void What_the_disk_does_not_hold_is_not_believed(string how)
    {
        string[] args = Copy("raw", "");
        KillAfter(args, DataBytes / 2);
        string damaged = Path.Combine(place.PartialPath, how == "damaged output" ? "files/heap" : "journal");
        using (FileStream file = File.Open(damaged, FileMode.Open))
        {
            if (how == "cut in a block")
                file.SetLength(file.Length - 1000);
            else
                file.Write(new byte[8192]);
        }

        Ended.With(0, Cli.Run(args));
        Assert.Equal(how != "garbage", ReceiptView.Read(place).Root.TryGetProperty("resumed", out _));
        Same.Bytes(place.Source("heap"), place.Output("heap"));
        Ended.With(0, place.Verify());
    }

    [Fact]
    public void A_copy_that_is_killed_again_and_again_ends_in_a_whole_bundle()
    {
        string[] args = Copy("raw", "compression = lz4");
        for (int kills = 0; kills < 3; kills++)
            KillAfter(args, 25 * MiB);
        Ended.With(0, Cli.Run(args));
        Ended.With(0, place.Verify());
        CompressedBundle.RestoresRanges(ReceiptView.Read(place), CompressedBundle.Extract(0, place));
    }

    // The rate makes the copy slow enough to be met in its middle.
    private string[] Copy(string kind, string settings)
    {
        JsonObject entry;
        switch (kind)
        {
            case "small":
                for (int i = 0; i < DataBytes / (64 << 10); i++)
                    SourceFile.Dense(place.Source($"small{i}"), (64 << 10) - (i % 3));
                entry = Workspace.Entry(place.Source("small*"));
                break;
            case "ranges":
                SourceFile.Dense(place.Source("heap"), DataBytes + (20 * MiB));
                entry = Workspace.Entry(
                    place.Source("heap"), null, null,
                    (5000, DataBytes / 2), (DataBytes, 20 * MiB), ((DataBytes / 2) + 9000, 50 * MiB));
                break;
            default:
                SourceFile.Dense(place.Source("heap"), DataBytes);
                entry = Workspace.Entry(place.Source("heap"));
                break;
        }

        string config = place.Config(
            $"bundle-copier {{ {settings}\nwriter.max-rate = 100MiB\nprocess.scheduling = keep }}");
        return ["--manifest", place.Manifest(entry), "--config", config];
    }

    /// <summary>Kills a copy when it has written this much. Returns how much it has written.</summary>
    private static long KillAfter(string[] args, long bytes)
    {
        using RunningCli cli = Cli.Start(args);
        cli.FreezeWhen(() => cli.WrittenBytes() >= bytes, $"{bytes} bytes are written");
        long written = cli.WrittenBytes();
        Moments.Kill(cli);
        Assert.Equal(137, cli.Wait().ExitCode);
        return written;
    }

    private IEnumerable<string> Names() =>
        Directory.GetFileSystemEntries(place.BundlePath).Select(static path => Path.GetFileName(path));

    /// <summary>The receipt says the same of each file as that of a copy that was not killed.</summary>
    private void IsAsInOneRun(ReceiptView resumed, string[] args)
    {
        Directory.Delete(place.BundlePath, recursive: true);
        Ended.With(0, Cli.Run(args));
        ReceiptView whole = ReceiptView.Read(place);
        bool isAuto = File.ReadAllText(args[3]).Contains("auto", StringComparison.Ordinal);
        foreach ((ReceiptView.FileView one, ReceiptView.FileView two) in resumed.Files.Zip(whole.Files))
        {
            Assert.Equal((one.Name, one.Checksum, one.DataBytes), (two.Name, two.Checksum, two.DataBytes));
            // With auto, the speed of the disk decides what is compressed.
            if (!isAuto)
                Assert.Equal(one.WrittenBytes, two.WrittenBytes);
        }
    }
}
