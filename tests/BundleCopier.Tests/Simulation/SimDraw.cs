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
        (SimOp.Sync, ENOSPC), (SimOp.Identify, EIO), (SimOp.Lease, EAGAIN), (SimOp.RemoveTree, EIO),
    ];

    // Calls of workers, calls around which a source may change, and calls of the scout and the keeper.
    private static readonly SimOp[] OfWorkers =
        [SimOp.Read, SimOp.Write, SimOp.Write, SimOp.SeekHole, SimOp.ReadBack, SimOp.Map, SimOp.PunchHole];

    private static readonly SimOp[] OfSources =
        [SimOp.OpenSource, SimOp.Lease, SimOp.Lease, SimOp.Status, SimOp.SeekData, SimOp.Read, SimOp.Map, SimOp.Write];

    private static readonly SimOp[] OfOwners =
    [
        SimOp.OpenSource, SimOp.CreateDirectory, SimOp.CreateFile, SimOp.Rename, SimOp.Lock, SimOp.SyncDirectory,
        SimOp.SetLength, SimOp.Reserve, SimOp.Settle, SimOp.Sync, SimOp.Identify, SimOp.Lease,
    ];

    private static readonly SimOp[] OfFrozenSources =
        [SimOp.OpenSource, SimOp.Lease, SimOp.Status, SimOp.SeekData, SimOp.SeekHole, SimOp.Read, SimOp.Read];

    private static readonly SimOp[] OfFrozenDisks =
    [
        SimOp.OpenDirectory, SimOp.CreateDirectory, SimOp.CreateFile, SimOp.Rename, SimOp.Lock, SimOp.SyncDirectory,
        SimOp.SyncFilesystem, SimOp.Write, SimOp.Write, SimOp.SetLength, SimOp.Reserve, SimOp.PunchHole, SimOp.Sync,
        SimOp.Settle, SimOp.Identify,
    ];

    public static SimCase WithoutFaults(int seed)
    {
        Random random = new(seed);
        SimCase drawn = new(seed) { Io = (OutputIo)random.Next(3), Settings = DrawSettings(random) };
        // Sometimes there are more files than are open at once, and more than are synced one by one.
        bool areMany = random.Next(15) == 0;
        int files = areMany ? random.Next(33, 80) : random.Next(1, 6);
        for (int i = 0; i < files; i++)
        {
            long length = areMany ? random.Next(0, 9000) : SimContent.DrawLength(random);
            AddFile(drawn, random, i, SimContent.Draw(random, length));
        }

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

    /// <summary>
    /// One of many thousands of short runs. Anything may happen in it, also several things: faults, a full disk,
    /// workers that die, a cancel, sources that change, another program that takes the bundle's name.
    /// </summary>
    public static SimCase Schedule(int seed)
    {
        Random random = new(seed ^ 0x5C4ED01E);
        // Not drawn, so that older seeds keep their cases.
        bool replaces = seed % 7 == 5;
        SimCase drawn = new(seed)
        {
            Io = random.Next(4) == 0 ? (OutputIo)random.Next(3) : OutputIo.Direct,
            Disk = replaces ? SimCase.DiskWithBundle() : null,
            Settings = DrawSettings(random) with
            {
                Replace = replaces,
                BudgetBytes = CopySettings.MinBudgetBytes + ((long)random.Next(0, 3) << 20),
                GovernorProfile = (GovernorProfile)random.Next(3),
                Canary = random.Next(20) == 0,
            },
        };
        DrawFiles(drawn, random);
        SimFaults faults = drawn.Faults;
        drawn.Kernel.ClockStepMs = random.Next(2) == 0 ? 1 : 10;
        faults.ShortReads = random.Next(4) == 0 ? 0.3 : 0;
        faults.ShortWrites = random.Next(4) == 0 ? 0.3 : 0;
        faults.Interrupts = random.Next(4) == 0 ? 0.2 : 0;
        faults.HasRaggedWrites = random.Next(6) == 0;
        if (random.Next(2) == 0)
            DrawFaults(faults, random);
        if (random.Next(12) == 0)
            drawn.Kernel.SpaceBytes = random.Next(0, 2 << 20);
        if (random.Next(6) == 0)
            DrawDeath(drawn, random);
        if (random.Next(6) == 0)
            drawn.CancelAt = random.Next(DrawCall(random));
        // Not drawn, so that older seeds keep their cases.
        if (seed % 11 == 5)
        {
            TimeSpan deadline = TimeSpan.FromSeconds(30);
            TimeSpan spent = deadline - TimeSpan.FromMilliseconds(seed / 11 % 200);
            drawn.Settings = drawn.Settings with { Deadline = deadline, DeadlineSpent = spent };
        }

        DrawChanges(drawn, random);
        if (random.Next(8) == 0)
            drawn.Kernel.Crashes.KeepAt(DrawCall(random));
        if (replaces && seed % 3 == 0)
            faults.OnNth(SimOp.Exchange, 1 + (seed % 4), seed % 2 == 0 ? EIO : EINVAL);
        return drawn;
    }

    /// <summary>As <see cref="Schedule"/>, and a filesystem stops answering at some call.</summary>
    public static SimCase Hanging(int seed)
    {
        SimCase drawn = Schedule(seed);
        Random random = new(seed ^ 0x4A46);
        bool isOfDestination = random.Next(2) == 0;
        SimOp[] ops = isOfDestination ? OfFrozenDisks : OfFrozenSources;
        long forMs = random.Next(3) == 0 ? random.Next(1, 4000) : long.MaxValue;
        Freeze(drawn, random, new SimHang(
            ops[random.Next(ops.Length)], random.Next(1, random.Next(2, 12)), isOfDestination, forMs));
        return drawn;
    }

    /// <summary>Files without faults; those that are not in memory stop answering.</summary>
    public static SimCase HangingSource(int seed, long forMs)
    {
        SimCase drawn = WithoutFaults(seed);
        Random random = new(seed ^ 0x4A46);
        Freeze(drawn, random, new SimHang(
            OfFrozenSources[random.Next(OfFrozenSources.Length)], random.Next(1, 6), isOfDestination: false, forMs));
        return drawn;
    }

    private static void Freeze(SimCase drawn, Random random, SimHang hang)
    {
        drawn.Kernel.Hang = hang;
        drawn.Kernel.Mounts = [new MountPoint("/", IsInMemory: true)];
        drawn.Settings = drawn.Settings with { StallTimeout = TimeSpan.FromSeconds(random.Next(2, 4)) };
    }

    private static void DrawFiles(SimCase drawn, Random random)
    {
        int kind = random.Next(40);
        // More files than are synced one by one, and more directories than are open at once.
        int files = kind < 2 ? random.Next(65, 90) : random.Next(1, 5);
        for (int i = 0; i < files; i++)
        {
            long length = kind < 2 ? random.Next(0, 9000) : SimContent.DrawShortLength(random);
            SimPages pages = kind < 2 ? SimContent.Draw(random, length) : SimContent.DrawThin(random, length);
            AddFile(drawn, random, i, pages, kind == 0 ? $"place-{i}/" : "");
        }
    }

    private static void DrawFaults(SimFaults faults, Random random)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            (SimOp op, int errno) = PossibleFaults[random.Next(PossibleFaults.Length)];
            switch (random.Next(3))
            {
                case 0:
                    faults.OnNth(op, random.Next(1, 12), errno);
                    break;
                case 1:
                    faults.FromNth(op, random.Next(1, 12), errno);
                    break;
                default:
                    faults.Sometimes(op, random.NextDouble() * 0.3, errno);
                    break;
            }
        }
    }

    /// <summary>
    /// A worker dies, or now and then the scout or the keeper. The sources may be emptied right then.
    /// </summary>
    private static void DrawDeath(SimCase drawn, Random random)
    {
        SimFaults faults = drawn.Faults;
        bool isOwner = random.Next(6) == 0;
        SimOp op = isOwner ? OfOwners[random.Next(OfOwners.Length)] : OfWorkers[random.Next(OfWorkers.Length)];
        int nth = random.Next(1, random.Next(2, 20));
        faults.ThrowOnNth(op, nth);
        if (random.Next(3) == 0)
            return;
        SimSource[] emptied = [.. drawn.Kernel.Sources.Values.Where(_ => random.Next(2) == 0)];
        faults.Hook = (at, _, _) =>
        {
            if (at == op && faults.CountOf(op) == nth)
            {
                foreach (SimSource source in emptied)
                    Disturb(drawn.Kernel, source, how: 3, at: 0);
            }

            return 0;
        };
    }

    private static void DrawChanges(SimCase drawn, Random random)
    {
        List<(int Call, Action Change)> changes = [];
        SimSource[] sources = [.. drawn.Kernel.Sources.Values];
        for (int i = random.Next(5) < 3 ? 0 : random.Next(1, 6); i > 0; i--)
        {
            SimSource source = sources[random.Next(sources.Length)];
            int how = random.Next(7);
            long at = source.Pages.Length == 0 ? 0 : random.NextInt64(source.Pages.Length);
            void Change() => Disturb(drawn.Kernel, source, how, at);
            if (random.Next(3) == 0)
                drawn.Kernel.After(OfSources[random.Next(OfSources.Length)], random.Next(1, 9), Change);
            else
                changes.Add((DrawCall(random), Change));
        }

        if (random.Next(30) == 0)
            changes.Add((DrawCall(random), drawn.Kernel.TakeNameOfBundle));
        foreach ((int call, Action change) in changes.OrderBy(static c => c.Call))
            drawn.Kernel.At(call, change);
    }

    // Most runs make some hundred calls; early ones are as interesting as late ones.
    private static int DrawCall(Random random) => random.Next(1, random.Next(2, 300));

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
                source.Change(kernel, pages =>
                {
                    // It may wait for a lease, and the file may be shorter by then.
                    if (at < pages.Length)
                        SimContent.PutData(pages, at / SimPages.PageBytes, new Random((int)at));
                });
                break;
            case 6 when at < length:
                int stores = 0;
                source.MapWritable(kernel, calls: 1 + (int)(at % 50), pages =>
                {
                    if (at < pages.Length)
                        SimContent.PutData(pages, at / SimPages.PageBytes, new Random((int)at + stores++));
                });
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

    private static void AddFile(SimCase drawn, Random random, int index, SimPages pages, string directory = "")
    {
        long length = pages.Length;
        FileTraits traits = random.Next(4) == 0
            ? new FileTraits(IsShared: false, IsHugePageBacked: false, IsDirect: random.Next(2) == 0)
            : new FileTraits(IsShared: true, IsHugePageBacked: random.Next(3) == 0, IsDirect: false);
        SimSource source = new($"/dev/shm/heap-{index}", pages)
        {
            Traits = traits,
            IsQuiet = random.Next(4) != 0,
            Xattrs = random.Next(4) == 0
                ? new Dictionary<string, ReadOnlyMemory<byte>> { ["user.note"] = new byte[] { 1, 2, 3 } } : null,
        };
        drawn.Kernel.Add(source);
        drawn.Request(new ManifestFile(source.Path)
        {
            Name = random.Next(4) switch
            {
                0 => $"{directory}deep/er/file-{index}",
                1 => $"{directory}deep/file-{index}",
                _ => $"{directory}heap-{index}",
            },
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
