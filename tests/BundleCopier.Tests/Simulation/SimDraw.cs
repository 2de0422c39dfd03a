using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Tests.Simulation;

/// <summary>Draws a whole case from a seed.</summary>
internal static class SimDraw
{
    public static SimCase Calm(int seed)
    {
        Random random = new(seed);
        SimCase drawn = new(seed) { Io = (OutputIo)random.Next(3), Settings = DrawSettings(random) };
        // Now and then more files than are open at once, and more than are synced one by one.
        bool isCrowd = random.Next(15) == 0;
        int files = isCrowd ? random.Next(33, 80) : random.Next(1, 6);
        for (int i = 0; i < files; i++)
            AddFile(drawn, random, i, isCrowd ? random.Next(0, 9000) : SimContent.DrawLength(random));
        drawn.Faults.ShortReads = random.Next(3) == 0 ? 0.3 : 0;
        drawn.Faults.ShortWrites = random.Next(3) == 0 ? 0.3 : 0;
        drawn.Faults.Interrupts = random.Next(3) == 0 ? 0.2 : 0;
        return drawn;
    }

    private static CopySettings DrawSettings(Random random) => new()
    {
        BudgetBytes = CopySettings.MinBudgetBytes + ((long)random.Next(0, 7) << 20),
        Checksum = random.Next(4) != 0,
        ZeroDetection = random.Next(3) != 0,
        ReaderMode = (ReaderMode)random.Next(3),
        ReaderThreads = random.Next(1, 5),
        WriterThreads = random.Next(1, 5),
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
            Xattrs = random.Next(4) == 0 ? new Dictionary<string, ReadOnlyMemory<byte>> { ["user.note"] = new byte[] { 1, 2, 3 } } : null,
        };
        drawn.Kernel.Add(source);
        drawn.Wish(new ManifestFile(source.Path)
        {
            Name = random.Next(4) switch { 0 => $"deep/er/file-{index}", 1 => $"deep/file-{index}", _ => null },
            Priority = random.Next(3),
            Ranges = random.Next(3) == 0 ? DrawRanges(random, length) : null,
        });
    }

    private static List<ByteRange> DrawRanges(Random random, long length)
    {
        List<ByteRange> ranges = [];
        // Short ones share blocks, long ones cross segments, some lie behind the end.
        int longest = random.Next(3) switch { 0 => 600, 1 => 20_000, _ => 2_000_000 };
        long spread = random.Next(2) == 0 ? length + 5000 : Math.Min(length + 1, 12_000);
        for (int i = random.Next(1, 8); i > 0; i--)
            ranges.Add(new ByteRange(random.NextInt64(spread), random.Next(1, longest)));
        if (random.Next(4) == 0)
            ranges = [.. ranges.Select(r => new ByteRange(r.Offset / 4096 * 4096, ((r.Length / 4096) + 1) * 4096))];
        return ranges;
    }
}
