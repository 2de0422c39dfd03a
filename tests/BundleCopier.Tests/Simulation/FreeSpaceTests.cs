using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Copies to disks with any amount of free space.</summary>
public sealed class FreeSpaceTests
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;

    // Room for directories and the shortest receipt of these copies.
    private const long EnoughForReceiptBytes = 96 * KiB;

    [Fact]
    public void With_any_free_space_a_true_bundle_is_committed_and_priorities_hold() =>
        Seeds.EachInParallel(50_000, 80, static seed =>
        {
            SimCase subject = Draw(seed);
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            if (subject.Kernel.SpaceBytes < EnoughForReceiptBytes)
                return;
            BundleReceipt receipt = run.Committed.Receipt;
            Assert.Equal(
                receipt.Files.All(static f => f.Status == FileStatus.Copied),
                receipt.Status == BundleStatus.Complete);
            PrioritiesHold(receipt);
        });

    [Fact]
    public void The_copy_never_takes_what_is_to_stay_free() =>
        Seeds.EachInParallel(60_000, 60, static seed =>
        {
            SimCase subject = Draw(seed);
            long keepBytes = new Random(seed).Next(1, 2 << 20);
            subject.Settings = subject.Settings with { DestinationKeepFree = DiskAmount.OfBytes(keepBytes) };
            SimRun run = SimRun.Of(subject);
            BundleCheck.ReceiptIsTrue(run);
            Assert.True(
                subject.Kernel.PeakUsedBytes <= Math.Max(0, subject.Kernel.SpaceBytes - keepBytes),
                $"{subject.Kernel.PeakUsedBytes} of {subject.Kernel.SpaceBytes} bytes used, {keepBytes} to be kept");
            if (subject.Kernel.SpaceBytes - keepBytes < EnoughForReceiptBytes)
                return;
            BundleReceipt receipt = run.Committed.Receipt;
            Assert.All(receipt.Files, static f => Assert.Contains(f.Error?.Code, (string?[])[null, "KEEP_FREE"]));
            PrioritiesHold(receipt);
        });

    [Fact]
    public void When_the_disk_is_too_small_compress_saves_more_than_drop()
    {
        (long dropped, int whole) = SavedOfZebra(WhenFull.Drop, 4 * MiB, entry: null);
        (long compressed, int wholeCompressed) = SavedOfZebra(WhenFull.Compress, 4 * MiB, entry: null);
        Assert.True(whole <= 3, $"{whole} files of 1 MiB on a disk of 4 MiB");
        Assert.Equal(8, wholeCompressed);
        Assert.True(compressed > 2 * dropped, $"{compressed} bytes with compress, {dropped} with drop");
    }

    [Fact]
    public void Compress_leaves_a_file_raw_whose_entry_says_none()
    {
        (_, int whole) = SavedOfZebra(WhenFull.Compress, 4 * MiB, entry: Compression.None);
        Assert.InRange(whole, 1, 3);
    }

    [Fact]
    public void Compress_changes_nothing_while_everything_fits()
    {
        SimCase subject = Zebra(WhenFull.Compress, 32 * MiB, entry: null);
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        Assert.All(run.Committed.Receipt.Files, static f => Assert.Equal(OutputCompression.None, f.Compression));
    }

    [Fact]
    public void A_finished_compressed_file_whose_end_does_not_fit_gives_up_frames_and_not_everything()
    {
        // Other programs take the last blocks while the frames are written.
        SimCase subject = new(1)
        {
            Settings = new CopySettings { BudgetBytes = 4 << 20, Compression = Compression.Lz4 },
        };
        subject.AddFile("heap", SimContent.Dense(1, 4 * MiB));
        subject.Kernel.SpaceBytes = 64 * MiB;
        bool isTaken = false;
        subject.Faults.Hook = (op, name, offset) =>
        {
            if (op != SimOp.Write || isTaken || !name.EndsWith("heap.lz4", StringComparison.Ordinal)
                || offset < 4 * MiB)
                return 0;
            isTaken = true;
            subject.Kernel.SpaceBytes -= subject.Kernel.FreeBytes!.Value;
            return Tmds.Linux.LibC.ENOSPC;
        };
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        ReceiptFile file = Assert.Single(run.Committed.Receipt.Files);
        Assert.Equal((FileStatus.Partial, "ENOSPC"), (file.Status, file.Error?.Code));
        Assert.InRange(file.DataBytes, 2 * MiB, 4 * MiB);
    }

    private static SimCase Draw(int seed)
    {
        Random random = new(seed);
        Compression compression = (Compression)random.Next(3);
        SimCase drawn = new(seed)
        {
            Io = (OutputIo)random.Next(3),
            Settings = new CopySettings
            {
                BudgetBytes = CopySettings.MinBudgetBytes + ((long)random.Next(0, 7) << 20),
                ReaderMode = ReadMode.Slab,
                Compression = compression,
                ReaderThreads = random.Next(1, 4),
                WriterThreads = random.Next(1, 4),
                DestinationWhenFull = random.Next(2) == 0 ? WhenFull.Drop : WhenFull.Compress,
            },
        };
        long needed = 0;
        for (int i = random.Next(1, 9); i > 0; i--)
        {
            long length = random.Next(3) == 0 ? random.Next(1, 70_000) : random.Next(1, 2 << 20);
            SimSource source = new($"/dev/shm/heap-{i}", SimContent.Dense(random.Next(), length));
            drawn.Kernel.Add(source);
            drawn.Request(new ManifestFile(source.Path) { Priority = random.Next(4) });
            needed += Alignment.Up(length);
        }

        drawn.Kernel.SpaceBytes = random.NextInt64(0, needed + (512 * KiB));
        return drawn;
    }

    /// <summary>
    /// Files are in the order of their priority. Behind the first one that does not fit there may only be what it
    /// could not use: less than a block, or less than two frames of a compressed file.
    /// </summary>
    private static void PrioritiesHold(BundleReceipt receipt)
    {
        long usableBytes = 0;
        long laterBytes = 0;
        bool isCut = false;
        foreach (ReceiptFile file in receipt.Files)
        {
            if (isCut)
                laterBytes += file.WrittenBytes;
            if (file.Status == FileStatus.Copied)
                continue;
            isCut = true;
            bool mayBeCompressed = file.Compression == OutputCompression.Lz4 || file.Output is null;
            usableBytes += mayBeCompressed ? 2 * (MiB + (64 * KiB)) : 0;
        }

        Assert.True(
            laterBytes <= usableBytes,
            $"{laterBytes} bytes are behind the first file that does not fit, of at most {usableBytes}");
    }

    private static (long SavedBytes, int WholeFiles) SavedOfZebra(
        WhenFull whenFull, long spaceBytes, Compression? entry)
    {
        SimRun run = SimRun.Of(Zebra(whenFull, spaceBytes, entry));
        BundleCheck.ReceiptIsTrue(run);
        IReadOnlyList<ReceiptFile> files = [.. run.Committed.Receipt.Files];
        return (files.Sum(static f => f.DataBytes), files.Count(static f => f.Status == FileStatus.Copied));
    }

    /// <summary>Eight files of 1 MiB whose bytes repeat.</summary>
    private static SimCase Zebra(WhenFull whenFull, long spaceBytes, Compression? entry)
    {
        SimCase subject = new(1)
        {
            Settings = new CopySettings { BudgetBytes = 4 << 20, DestinationWhenFull = whenFull },
        };
        for (int i = 0; i < 8; i++)
        {
            SimPages pages = new(MiB);
            byte[] bytes = new byte[MiB];
            for (int at = 0; at < bytes.Length; at++)
                bytes[at] = (byte)(1 + (at / 512 % 200));
            pages.Write(0, bytes);
            subject.Kernel.Add(new SimSource($"/dev/shm/zebra-{i}", pages));
            subject.Request(new ManifestFile($"/dev/shm/zebra-{i}") { Compression = entry });
        }

        subject.Kernel.SpaceBytes = spaceBytes;
        return subject;
    }
}
