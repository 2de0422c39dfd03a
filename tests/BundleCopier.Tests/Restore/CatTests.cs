using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class CatTests : IDisposable
{
    private const int Segment = 1 << 20;

    private readonly TestBundle bundle = new();
    private readonly MemoryStream got = new();

    public void Dispose() => bundle.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_part_of_a_file_has_the_bytes_of_the_source(bool isRaw)
    {
        byte[] content = Contents.Sparse((11 * Segment) + 5, 5, 1, 2, 9);
        _ = isRaw ? bundle.AddRaw("x", content) : bundle.AddLz4("x", content);
        bundle.Seal();
        foreach ((long offset, long length) in ((long, long)[])
            [
                (0, long.MaxValue), (0, 0), (0, 1), (Segment - 1, 2), (Segment + 4095, 8000), (3 * Segment, Segment),
                (content.Length - 3, 100), (content.Length, 5), (content.Length + 1000, 5),
                (long.MaxValue, long.MaxValue), ((2 * Segment) - 10, 20),
            ])
        {
            got.SetLength(0);
            bool isPart = length > 0 && offset < content.Length && (offset, length) != (0, long.MaxValue);
            bool isUnchecked = isRaw && isPart;
            Assert.Equal(new CatReport.Done(HasMissing: false) { IsUnchecked = isUnchecked }, Cat("x", offset, length));
            byte[] wanted = offset >= content.Length ? []
                : content.AsSpan((int)offset, (int)Math.Min(length, content.Length - offset)).ToArray();
            Assert.True(wanted.AsSpan().SequenceEqual(got.ToArray()), $"{offset} {length}");
        }
    }

    [Fact]
    public void Damage_in_another_frame_does_not_matter_and_nothing_of_a_damaged_frame_is_written()
    {
        byte[] content = Contents.Text(3 * Segment, 1);
        bundle.AddLz4("x", content).Seal();
        int third = File.ReadAllBytes(bundle.Stored(0)).AsSpan()
            .LastIndexOf((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]);
        bundle.Flip(0, third + 14);
        Assert.Equal(new CatReport.Done(HasMissing: false), Cat("x", 0, 2 * Segment));
        Assert.Equal(content.AsSpan(0, 2 * Segment).ToArray(), got.ToArray());
        got.SetLength(0);
        CatReport.Damaged damaged = Assert.IsType<CatReport.Damaged>(Cat("x", (2 * Segment) - 7, 100));
        Assert.Equal(("files/x.lz4", 2L, third + 14L), (damaged.File, damaged.Damage.Frame, damaged.Damage.Offset));
        Assert.Equal(7, got.Length);
    }

    [Fact]
    public void A_raw_file_is_checked_when_all_of_it_is_asked_for()
    {
        bundle.AddRaw("x", Contents.Text(Segment + 10_000, 1)).Seal();
        bundle.Flip(0, 5000);
        Assert.True(Assert.IsType<CatReport.Done>(Cat("x", 0, Segment)).IsUnchecked);
        Assert.Equal(DamageKind.FileChecksum, Assert.IsType<CatReport.Damaged>(Cat("x", 0, long.MaxValue)).Damage.Kind);
    }

    [Fact]
    public void A_part_of_a_raw_file_of_one_segment_is_checked()
    {
        bundle.AddRaw("x", Contents.Text(10_000, 1)).Seal();
        bundle.Flip(0, 5000);
        Assert.Equal(DamageKind.FileChecksum, Assert.IsType<CatReport.Damaged>(Cat("x", 10, 20)).Damage.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_the_checksums_of_segments_are_gone_or_damaged_it_is_told(bool isGone)
    {
        byte[] content = Contents.Text((2 * Segment) + 5, 1);
        bundle.AddSegments("x", content).Seal();
        Assert.Equal(new CatReport.Done(HasMissing: false), Cat("x", Segment, 10));
        string checksums = bundle.Checksums;
        if (isGone)
        {
            File.Delete(checksums);
        }
        else
        {
            byte[] bytes = File.ReadAllBytes(checksums);
            bytes[SegmentRecord.HeaderBytes + SegmentRecord.EntryBytes - 1] ^= 1;
            File.WriteAllBytes(checksums, bytes);
        }

        got.SetLength(0);
        CatReport.Done part = Assert.IsType<CatReport.Done>(Cat("x", Segment, 10));
        Assert.Equal((true, DamageKind.SegmentRecord), (part.IsUnchecked, part.SegmentsDamage?.Kind));
        Assert.Equal(content.AsSpan(Segment, 10).ToArray(), got.ToArray());
        CatReport.Done whole = Assert.IsType<CatReport.Done>(Cat("x", 0, long.MaxValue));
        Assert.Equal((false, DamageKind.SegmentRecord), (whole.IsUnchecked, whole.SegmentsDamage?.Kind));
    }

    [Fact]
    public void Data_that_is_missing_from_the_bundle_is_reported()
    {
        byte[] content = Contents.Text(10_000, 1);
        content.AsSpan(5000).Clear();
        bundle.Add(
            Receipts.Raw("x", content) with { Status = FileStatus.Partial, Ranges = [new ByteRange(0, 5000)] }, content)
            .Add(BundleCopier.Tests.Receipt.Receipts.Failed, null)
            .Seal();
        Assert.Equal(new CatReport.Done(HasMissing: false), Cat("x", 0, 5000));
        Assert.Equal(new CatReport.Done(HasMissing: true), Cat("x", 0, 5001));
        Assert.IsType<CatReport.Absent>(Cat(BundleCopier.Tests.Receipt.Receipts.Failed.Name, 0, 1));
        Assert.IsType<CatReport.Invalid>(Cat("y", 0, 1));
        Assert.IsType<CatReport.NoBundle>(new BundleContent().Read(bundle.Root, "x", static _ => true));
    }

    [Fact]
    public void A_sink_can_end_the_reading()
    {
        bundle.AddLz4("x", Contents.Text(3 * Segment, 1)).Seal();
        int calls = 0;
        _ = new BundleContent().Read(bundle.Bundle, "x", _ => ++calls < 2);
        Assert.Equal(2, calls);
    }

    private CatReport Cat(string name, long offset, long length) => new BundleContent().Read(
        bundle.Bundle,
        name,
        bytes =>
        {
            got.Write(bytes);
            return true;
        },
        offset,
        length);
}
