using BundleCopier.Faults;
using BundleCopier.Lz4;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class SeekTableTests : IDisposable
{
    private const int Segment = 1 << 20;

    private static readonly byte[] Content = Contents.Sparse(4 * Segment, 1, 0, 2);
    private static readonly byte[] File = ReferenceEncoder.Encode(Content);
    private static readonly int TableAt = File.Length - 48 - 32;

    private readonly Reading reading = new();

    public void Dispose() => reading.Dispose();

    public static TheoryData<string> FalseTableNames => [.. FalseTables.Keys];

    // Each has a right checksum, so only its content is false.
    private static readonly Dictionary<string, Func<(uint, uint, long, ulong), (uint, uint, long, ulong), byte[]>>
        FalseTables = new()
        {
            ["out of order"] = (a, b) => Table([b, a]),
            ["twice the same"] = (a, _) => Table([a, a]),
            ["overlapping"] = (a, b) => Table([a, (b.Item1, b.Item2, a.Item3 + 1, b.Item4)]),
            ["before the file"] = (a, b) => Table([a, (b.Item1, b.Item2, -5, b.Item4)]),
            ["at the end of all numbers"] = (a, b) => Table([a, (b.Item1, b.Item2, long.MaxValue, b.Item4)]),
            ["into the table"] = (a, b) => Table([a, (b.Item1, b.Item2, TableAt - 10, b.Item4)]),
            ["longer than the file"] = (a, b) => Table([a, (b.Item1, 900_000, b.Item3, b.Item4)]),
            ["longer than any frame"] = (a, b) => Table([a, (b.Item1, uint.MaxValue, b.Item3, b.Item4)]),
            ["shorter than any frame"] = (a, b) => Table([a, (b.Item1, 3, b.Item3, b.Item4)]),
            ["one byte longer than its frame"] = (a, b) => Table([a, (b.Item1, b.Item2 + 1, b.Item3, b.Item4)]),
            ["a segment beyond the end"] = (a, b) => Table([a, (4, b.Item2, b.Item3, b.Item4)]),
            ["another segment"] = (a, b) => Table([a, (3, b.Item2, b.Item3, b.Item4)]),
            ["an entry is missing"] = (a, _) => Table([a]),
            ["no entries"] = (_, _) => Table([]),
            ["less content"] = (a, b) => Table([a, b], (4 * Segment) - 1),
            ["more content than numbers have"] = (a, b) => Table([a, b], long.MaxValue),
            ["negative content"] = (a, b) => Table([a, b], -1),
            ["elsewhere"] = (a, b) => ReferenceEncoder.SeekTable([a, b], Content.Length, TableAt + 1),
            ["more entries than the file has room for"] = (a, b) => Recount(Table([a, b]), 1L << 59),
            ["as many entries as numbers have"] = (a, b) => Recount(Table([a, b]), -1),
            ["a frame that is longer than the table"] = (a, b) => Broken(Table([a, b]), 4),
            ["another magic"] = (a, b) => Broken(Table([a, b]), 0),
        };

    [Theory]
    [MemberData(nameof(FalseTableNames))]
    public void A_false_seek_table_is_refused_when_everything_is_read(string name) =>
        Assert.NotNull(reading.Check(WithTable(name), Reading.Entry(Content), checksGaps: true));

    [Theory]
    [MemberData(nameof(FalseTableNames))]
    public void A_false_seek_table_is_refused_when_only_the_frames_are_read(string name) =>
        Assert.NotNull(reading.Check(WithTable(name), Reading.Entry(Content), checksGaps: false));

    [Fact]
    public void A_false_number_of_entries_takes_no_memory()
    {
        byte[] file = WithTable("more entries than the file has room for");
        BundleCopier.Receipt.ReceiptFile entry = Reading.Entry(Content);
        _ = reading.Check(file, entry, checksGaps: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(DamageKind.SeekTable, reading.Check(file, entry, checksGaps: true)?.Kind);
        // A table of so many entries would have 2^59 x 24 bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void A_file_without_a_seek_table_is_named_as_cut()
    {
        for (int length = 0; length < File.Length; length += 101)
            Assert.Equal(
                DamageKind.NoSeekTable, reading.Check(File[..length], Reading.Entry(Content), checksGaps: false)?.Kind);
    }

    // 43,690 entries of 24 bytes fit in 1 MiB, the size of the pieces in which a file is read.
    [Theory]
    [InlineData(43_690)]
    [InlineData(43_691)]
    [InlineData(150_000)]
    public void A_table_of_any_length_is_read(int count)
    {
        const int FrameBytes = 28;
        List<(uint Segment, uint Length, long Offset, ulong Hash)> entries =
            [.. Enumerable.Range(0, count)
                .Select(static i => ((uint)i, (uint)FrameBytes, (long)i * FrameBytes, (ulong)i))];
        byte[] table = ReferenceEncoder.SeekTable(entries, (long)count * Segment, (long)count * FrameBytes);
        byte[] file = [.. new byte[count * FrameBytes], .. table];

        Assert.True(reading.ReadTable(file).Try(out SeekEntry[]? read, out Damage? damage), damage?.Message);
        Assert.Equal(count, read.Length);
        Assert.All(
            entries, e => Assert.Equal(new SeekEntry(e.Segment, FrameBytes, e.Offset, e.Hash), read[(int)e.Segment]));
    }

    [Fact]
    public void The_size_must_be_the_receipts() => Assert.Equal(
        DamageKind.WrongSize, reading.Check(
            File, Reading.Entry(Content) with { SizeBytes = 5 }, checksGaps: true)?.Kind);

    private static byte[] WithTable(string name) => [.. File[..TableAt], .. FalseTables[name](EntryAt(0), EntryAt(1))];

    private static (uint, uint, long, ulong) EntryAt(int index)
    {
        int at = TableAt + 8 + (24 * index);
        return (BitConverter.ToUInt32(File, at), BitConverter.ToUInt32(File, at + 4),
            BitConverter.ToInt64(File, at + 8), BitConverter.ToUInt64(File, at + 16));
    }

    private static byte[] Table((uint, uint, long, ulong)[] entries, long contentBytes = 4 * Segment) =>
        ReferenceEncoder.SeekTable(entries, contentBytes, TableAt);

    private static byte[] Recount(byte[] table, long count)
    {
        BitConverter.TryWriteBytes(table.AsSpan(table.Length - 32), count);
        return table;
    }

    private static byte[] Broken(byte[] table, int at)
    {
        table[at] ^= 1;
        return table;
    }
}
