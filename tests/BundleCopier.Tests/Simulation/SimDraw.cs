using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>Draws a whole case from a seed.</summary>
internal static class SimDraw
{
    private static readonly (SimOp Op, int Errno)[] PossibleFaults =
    [
        (SimOp.OpenSource, EACCES), (SimOp.OpenSource, ELOOP), (SimOp.OpenSource, KernelErrors.NotRegular),
        (SimOp.OpenSource, EMFILE), (SimOp.OpenDirectory, EACCES), (SimOp.AllocateSlabs, ENOMEM),
        (SimOp.Status, EIO), (SimOp.SeekData, EIO), (SimOp.SeekHole, EIO), (SimOp.Read, EIO), (SimOp.Read, EIO),
        (SimOp.Map, ENOMEM), (SimOp.CreateDirectory, EMFILE), (SimOp.CreateDirectory, EIO),
        (SimOp.CreateFile, EMFILE), (SimOp.Probe, EIO), (SimOp.Rename, EEXIST), (SimOp.Rename, EIO),
        (SimOp.Lock, EAGAIN), (SimOp.SyncDirectory, EIO), (SimOp.SyncFilesystem, EIO),
        (SimOp.ProbeOutputIo, EINVAL), (SimOp.Write, EIO), (SimOp.Write, EIO), (SimOp.Write, ENOSPC),
        (SimOp.ReadBack, EIO), (SimOp.SetLength, ENOSPC), (SimOp.Reserve, EOPNOTSUPP), (SimOp.Reserve, ENOSPC),
        (SimOp.PunchHole, EOPNOTSUPP), (SimOp.PunchHole, EIO), (SimOp.Settle, EIO), (SimOp.Sync, EIO),
        (SimOp.Sync, ENOSPC),
    ];

    public static SimCase WithoutFaults(int seed)
    {
        Random random = new(seed);
        SimCase drawn = new(seed) { Io = (OutputIo)random.Next(3), Settings = DrawSettings(random) };
        // Sometimes there are more files than are open at once, and more than are synced one by one.
        bool areMany = random.Next(15) == 0;
        int files = areMany ? random.Next(33, 80) : random.Next(1, 6);
        for (int i = 0; i < files; i++)
            AddFile(drawn, random, i, areMany ? random.Next(0, 9000) : SimContent.DrawLength(random));
        // Not drawn, so that older seeds keep their cases.
        if (seed % 5 == 0)
            drawn.Settings = drawn.Settings with { Canary = true };
        drawn.Settings = drawn.Settings with { GovernorProfile = (GovernorProfile)(seed % 3) };
        if (seed % 4 == 1)
            drawn.Kernel.Host = drawn.Kernel.Host with { MemAvailableBytes = seed % 50L << 20 };
        drawn.Faults.ShortReads = random.Next(3) == 0 ? 0.3 : 0;
        drawn.Faults.ShortWrites = random.Next(3) == 0 ? 0.3 : 0;
        drawn.Faults.Interrupts = random.Next(3) == 0 ? 0.2 : 0;
        return drawn;
    }

    /// <summary>The same cases with some faults.</summary>
    public static SimCase WithFaults(int seed)
    {
        SimCase drawn = WithoutFaults(seed);
        Random random = new(~seed);
        SimFaults faults = drawn.Faults;
        faults.HasRaggedWrites = random.Next(4) == 0;
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            (SimOp op, int errno) = PossibleFaults[random.Next(PossibleFaults.Length)];
            if (random.Next(2) == 0)
                faults.OnNth(op, random.Next(1, 12), errno);
            else
                faults.Sometimes(op, random.NextDouble() * 0.3, errno);
        }

        if (random.Next(4) == 0)
            drawn.Kernel.SpaceBytes = random.Next(0, 4 << 20);
        return drawn;
    }

    /// <summary>Cases in which the sources change during the copy.</summary>
    public static SimCase WithChangingSources(int seed)
    {
        Random random = new(seed ^ 0x5EED);
        SimCase drawn = random.Next(2) == 0 ? WithoutFaults(seed) : WithFaults(seed);
        SimSource[] sources = [.. drawn.Kernel.Sources.Values];
        int call = 0;
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            call += random.Next(1, 60);
            SimSource source = sources[random.Next(sources.Length)];
            int how = random.Next(6);
            long at = source.Pages.Length == 0 ? 0 : random.NextInt64(source.Pages.Length);
            drawn.Kernel.At(call, () => Disturb(drawn.Kernel, source, how, at));
        }

        return drawn;
    }

    private static void Disturb(SimKernel kernel, SimSource source, int how, long at)
    {
        long length = source.Pages.Length;
        switch (how)
        {
            case 0:
                source.Vanish();
                break;
            case 1:
                source.Change(kernel, pages => pages.SetLength(at));
                break;
            case 2:
                source.Change(kernel, pages => pages.SetLength(length + at + 1));
                break;
            case 3:
                // Truncated and extended again: the same size, without data.
                source.Change(kernel, pages => pages.SetLength(0));
                source.Change(kernel, pages => pages.SetLength(length));
                break;
            case 4:
                source.Change(kernel, pages => pages.SetLength(at / SimPages.PageBytes * SimPages.PageBytes));
                source.Change(kernel, pages => pages.SetLength(length));
                break;
            case 5 when at < length:
                source.Change(kernel, pages => SimContent.PutData(pages, at / SimPages.PageBytes, new Random((int)at)));
                break;
        }
    }

    private static CopySettings DrawSettings(Random random) => new()
    {
        BudgetBytes = CopySettings.MinBudgetBytes + ((long)random.Next(0, 7) << 20),
        Checksum = random.Next(4) != 0,
        ZeroDetection = random.Next(3) != 0,
        ReaderMode = random.Next(3) switch { 0 => null, 1 => ReadMode.Map, _ => ReadMode.Slab },
        ReaderThreads = random.Next(1, 5),
        WriterThreads = random.Next(1, 5),
        Compression = random.Next(2) == 0 ? Compression.None : (Compression)random.Next(1, 3),
        CompressorThreads = random.Next(1, 4),
    };

    private static void AddFile(SimCase drawn, Random random, int index, long length)
    {
        FileTraits traits = random.Next(4) == 0
            ? new FileTraits(IsShared: false, IsHugePageBacked: false, IsDirect: random.Next(2) == 0)
            : new FileTraits(IsShared: true, IsHugePageBacked: random.Next(3) == 0, IsDirect: false);
        SimSource source = new($"/dev/shm/heap-{index}", SimContent.Draw(random, length))
        {
            Traits = traits,
            IsQuiet = random.Next(4) != 0,
            Xattrs = random.Next(4) == 0
                ? new Dictionary<string, ReadOnlyMemory<byte>> { ["user.note"] = new byte[] { 1, 2, 3 } } : null,
        };
        drawn.Kernel.Add(source);
        drawn.Request(new ManifestFile(source.Path)
        {
            Name = random.Next(4) switch { 0 => $"deep/er/file-{index}", 1 => $"deep/file-{index}", _ => null },
            Priority = random.Next(3),
            Compression = random.Next(4) == 0 ? (Compression)random.Next(3) : null,
            Ranges = random.Next(3) == 0 ? DrawRanges(random, length) : null,
        });
    }

    private static List<ByteRange> DrawRanges(Random random, long length)
    {
        List<ByteRange> ranges = [];
        // Short ranges share blocks, long ones cross segments, some lie behind the end of the file.
        int longest = random.Next(3) switch { 0 => 600, 1 => 20_000, _ => 2_000_000 };
        long spread = random.Next(2) == 0 ? length + 5000 : Math.Min(length + 1, 12_000);
        for (int i = random.Next(1, 8); i > 0; i--)
            ranges.Add(new ByteRange(random.NextInt64(spread), random.Next(1, longest)));
        if (random.Next(4) == 0)
            ranges = [.. ranges.Select(r => new ByteRange(r.Offset / 4096 * 4096, ((r.Length / 4096) + 1) * 4096))];
        return ranges;
    }
}
