using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Restore;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>Damage costs the segments that it is in, and not the rest of the file.</summary>
public sealed class DamagedSegmentTests : IDisposable
{
    private const int Segment = 1 << 20;
    private const int Third = 2 * Segment;

    private static readonly byte[] Content = Contents.Text((4 * Segment) + 12_345, 3);

    private readonly TestBundle bundle = new();
    private readonly List<FileRestoration> restorations = [];
    private readonly List<FileVerdict> verdicts = [];

    public void Dispose() => bundle.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_the_damaged_segment_of_a_file_is_lost(bool isCompressed)
    {
        Add(isCompressed).Seal();
        bundle.Flip(0, isCompressed ? MiddleOfFrame(2) : Third + 5000);

        Assert.Equal(1, Verify().Count(VerdictKind.Damaged));
        Damage damage = Assert.Single(verdicts[0].AllDamage!.Damages);
        Assert.Equal(new ByteRange(Third, Segment), damage.Lost);
        Assert.Contains("Content lost: offset 2097152, length 1048576.", damage.Message, StringComparison.Ordinal);
        if (!isCompressed)
            Assert.Equal((DamageKind.SegmentChecksum, Third), (damage.Kind, damage.Offset));

        Assert.Equal(1, Extract(keepDamaged: false).Count(RestoreKind.Damaged));
        Assert.Empty(Directory.GetFileSystemEntries(bundle.Destination));
        Assert.Equal(1, Extract(keepDamaged: true).Count(RestoreKind.Kept));
        IsKeptWithout((Third, Segment));
        Assert.Equal(damage, Assert.Single(restorations[^1].AllDamage!.Damages));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_damaged_segment_is_told_and_neighbours_are_one_place(bool isCompressed)
    {
        Add(isCompressed).Seal();
        foreach (int segment in (int[])[0, 1, 4])
            bundle.Flip(0, isCompressed ? MiddleOfFrame(segment) : (segment * Segment) + 77);
        Verify();
        FileDamage damage = verdicts[0].AllDamage!;
        long last = Content.Length - (4 * Segment);
        ByteRange[] lost = [new(0, 2 * Segment), new(4 * Segment, last)];
        Assert.Equal((2 * Segment) + last, damage.LostBytes);
        // Compressed frames can be damaged in different ways.
        if (!isCompressed)
            Assert.Equal(lost, damage.Damages.Select(static d => d.Lost!.Value));
        Extract(keepDamaged: true);
        IsKeptWithout((0, 2 * Segment), (4 * Segment, (int)last));
    }

    [Fact]
    public void A_hole_where_data_should_be_and_data_where_a_hole_should_be_are_damage()
    {
        byte[] sparse = Contents.Sparse((5 * Segment) + 5, 5, 1, 3);
        bundle.AddSegments("x", sparse).Seal();
        byte[] stored = [.. sparse];
        stored.AsSpan(Segment, Segment).Clear();
        stored[(4 * Segment) + 8] = 1;
        using (FileStream file = File.Create(bundle.Stored(0)))
        {
            // With a hole, as a lost write leaves it.
            file.SetLength(stored.Length);
            file.Position = 3 * Segment;
            file.Write(stored.AsSpan(3 * Segment));
        }

        Verify();
        Assert.Equal(
            [new(Segment, Segment), new(4 * Segment, Segment)],
            verdicts[0].AllDamage!.Damages.Select(static d => d.Lost!.Value));
        Extract(keepDamaged: true);
        sparse.AsSpan(Segment, Segment).Clear();
        Assert.Equal(sparse, File.ReadAllBytes(bundle.Restored("x")));
    }

    [Fact]
    public void Of_a_raw_file_that_was_cut_the_segments_before_the_cut_are_kept()
    {
        Add(isCompressed: false).Seal();
        bundle.SetLength(0, Third + 5000);
        Verify();
        FileDamage damage = verdicts[0].AllDamage!;
        Assert.Equal([DamageKind.WrongSize, DamageKind.WrongSize], damage.Damages.Select(static d => d.Kind));
        Assert.Null(damage.First.Offset);
        Assert.Equal(Content.Length - Third, damage.LostBytes);
        Extract(keepDamaged: true);
        IsKeptWithout((Third, Content.Length - Third));
    }

    [Fact]
    public void A_raw_file_that_is_too_long_is_kept_without_what_is_too_much()
    {
        Add(isCompressed: false).Seal();
        bundle.SetLength(0, Content.Length + 5000);
        Extract(keepDamaged: false);
        Assert.Empty(Directory.GetFileSystemEntries(bundle.Destination));
        Assert.Equal(1, Extract(keepDamaged: true).Count(RestoreKind.Kept));
        IsKeptWithout();
    }

    [Fact]
    public void Of_a_compressed_file_that_was_cut_the_frames_before_the_cut_are_kept()
    {
        Add(isCompressed: true).Seal();
        bundle.SetLength(0, MiddleOfFrame(2));
        Verify();
        Assert.Equal(DamageKind.NoSeekTable, verdicts[0].Damage!.Kind);
        Assert.Equal(Content.Length - Third, verdicts[0].AllDamage!.LostBytes);
        Extract(keepDamaged: true);
        IsKeptWithout((Third, Content.Length - Third));
    }

    [Fact]
    public void Without_its_seek_table_a_compressed_file_is_kept_whole()
    {
        byte[] sparse = Contents.Sparse((11 * Segment) + 5, 5, 1, 2, 9);
        bundle.AddLz4("x", sparse).Seal();
        bundle.Flip(0, new FileInfo(bundle.Stored(0)).Length - 60);
        Extract(keepDamaged: false);
        Assert.Equal(RestoreKind.Damaged, restorations[^1].Kind);
        Extract(keepDamaged: true);
        Assert.Equal((RestoreKind.Kept, 0), (restorations[^1].Kind, restorations[^1].AllDamage!.LostBytes));
        Assert.Equal(sparse, File.ReadAllBytes(bundle.Restored("x")));
    }

    [Fact]
    public void Without_its_seek_table_a_compressed_file_loses_only_the_damaged_frame()
    {
        Add(isCompressed: true).Seal();
        bundle.Flip(0, new FileInfo(bundle.Stored(0)).Length - 60);
        bundle.Flip(0, MiddleOfFrame(2));
        Extract(keepDamaged: true);
        IsKeptWithout((Third, Segment));
    }

    [Theory]
    [InlineData(3)] // the mark
    [InlineData(8)] // the number of entries
    [InlineData(15)] // the same, to a very large number
    [InlineData(16 + 16)] // the number of a segment
    [InlineData(16 + 16 + 8)] // a hash
    [InlineData(-1)] // the file is gone
    [InlineData(-2)] // the file is cut
    public void Damaged_checksums_of_segments_are_told_and_do_not_cost_the_file(int at)
    {
        bundle.AddSegments("x", Content).AddSegments("y", Content).Seal();
        if (at == -1)
            File.Delete(bundle.Checksums);
        else if (at == -2)
            File.WriteAllBytes(bundle.Checksums, File.ReadAllBytes(bundle.Checksums)[..20]);
        else
            TestBundle.Flip(bundle.Checksums, at);

        VerifyReport.Done report = Verify();
        Assert.Equal((2, 0), (report.Count(VerdictKind.Intact), report.Count(VerdictKind.Damaged)));
        Assert.Equal(at < 0 ? 2 : 1, report.DamagedSegmentChecksums);
        Assert.Equal(DamageKind.SegmentRecord, verdicts.Single(static v => v.File.Name == "x").SegmentsDamage!.Kind);
        Assert.Equal(2, Extract(keepDamaged: false).Count(RestoreKind.Restored));
        Directory.Delete(bundle.Destination, recursive: true);
        Assert.Equal(2, Extract(keepDamaged: true).Count(RestoreKind.Restored));
    }

    [Fact]
    public void Without_checksums_of_segments_a_bundle_reads_as_before_and_nothing_unknown_is_kept()
    {
        bundle.AddRaw("good", Content).AddRaw("bad", Content).Seal();
        bundle.Flip(1, Third + 5);
        Assert.Equal((1, 1), (Verify().Count(VerdictKind.Intact), verdicts.Count(static v => v.Damage is not null)));
        Assert.Equal(DamageKind.FileChecksum, verdicts.Single(static v => v.File.Name == "bad").Damage!.Kind);
        ExtractReport.Done extracted = Extract(keepDamaged: true);
        Assert.Equal((1, 1), (extracted.Count(RestoreKind.Restored), extracted.Count(RestoreKind.Damaged)));
        Assert.Equal(["good"], Directory.GetFileSystemEntries(bundle.Destination).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_of_which_no_byte_is_right_is_not_kept()
    {
        byte[] content = Contents.Text(Segment + 5, 1);
        bundle.AddSegments("x", content).Seal();
        bundle.Flip(0, 7);
        bundle.Flip(0, Segment + 2);
        Extract(keepDamaged: true);
        Assert.Equal(RestoreKind.Damaged, restorations[^1].Kind);
        Assert.Empty(Directory.GetFileSystemEntries(bundle.Destination));
    }

    [Fact]
    public void A_file_whose_segments_are_right_and_whose_checksum_is_not_is_not_kept()
    {
        string other = ReferenceEncoder.Checksum(Content.AsSpan(1));
        bundle.Add(Reading.Entry(Content) with { Checksum = other }, ReferenceEncoder.Encode(Content)).Seal();
        Extract(keepDamaged: true);
        Assert.Equal(
            (RestoreKind.Damaged, DamageKind.FileChecksum), (restorations[^1].Kind, restorations[^1].Damage!.Kind));
        Assert.Empty(Directory.GetFileSystemEntries(bundle.Destination));
    }

    [Fact]
    public void Cat_hands_over_the_segments_of_a_raw_file_up_to_the_damaged_one()
    {
        Add(isCompressed: false).Seal();
        bundle.Flip(0, Third + 5000);
        MemoryStream got = new();
        CatReport report = new BundleContent().Read(bundle.Bundle, "x", bytes =>
        {
            got.Write(bytes);
            return true;
        });
        Assert.Equal(Third, Assert.IsType<CatReport.Damaged>(report).Damage.Offset);
        Assert.Equal(Content[..Third], got.ToArray());
        Assert.IsType<CatReport.Done>(new BundleContent().Read(
            bundle.Bundle, "x", static _ => true, 3 * Segment, Segment));
    }

    [Fact]
    public void Of_very_many_places_the_first_ones_are_told_in_order_and_the_others_counted()
    {
        const int count = 1000;
        ContentCheck check = new([]);
        int[] segments = [.. Enumerable.Range(0, count).Select(static i => 2 * i)];
        new Random(1).Shuffle(segments);
        foreach (int segment in segments)
        {
            long start = segment * (long)Segment;
            check.AddDamage(new Damage(DamageKind.SegmentChecksum, start, null, "") { Lost = new(start, Segment) });
        }

        FileDamage damage = check.Conclude(Receipts.Raw("x", []))!;
        Assert.Equal(
            Enumerable.Range(0, ContentCheck.MaxPlaces).Select(static i => 2L * i * Segment),
            damage.Damages.Select(static d => d.Offset!.Value));
        Assert.Equal(count - ContentCheck.MaxPlaces, damage.MoreCount);
        Assert.Equal((long)count * Segment, damage.LostBytes);
    }

    private TestBundle Add(bool isCompressed) =>
        isCompressed ? bundle.AddLz4("x", Content) : bundle.AddSegments("x", Content);

    /// <summary>An offset in the blocks of a frame of the first file, which is compressed.</summary>
    private long MiddleOfFrame(int index)
    {
        using Reading reading = new();
        byte[] file = ReferenceEncoder.Encode(Content);
        Assert.True(reading.ReadTable(file).Try(out BundleCopier.Lz4.SeekEntry[]? table, out _));
        return table[index].FrameOffset + (table[index].FrameBytes / 2);
    }

    private void IsKeptWithout(params (int Offset, int Length)[] lost)
    {
        Assert.Equal(RestoreKind.Kept, restorations[^1].Kind);
        byte[] expected = [.. Content];
        foreach ((int offset, int length) in lost)
            expected.AsSpan(offset, length).Clear();
        Assert.Equal(expected, File.ReadAllBytes(bundle.Restored("x")));
        Assert.Equal(lost.Sum(static l => (long)l.Length), restorations[^1].AllDamage!.LostBytes);
    }

    private VerifyReport.Done Verify() =>
        Assert.IsType<VerifyReport.Done>(new BundleVerifier().Verify(bundle.Bundle, verdicts.Add));

    private ExtractReport.Done Extract(bool keepDamaged) => Assert.IsType<ExtractReport.Done>(
        new BundleExtractor().Extract(bundle.Bundle, bundle.Destination, [], restorations.Add,
            new ExtractOptions { KeepDamaged = keepDamaged }));
}
