using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>A raw file of a bundle whose disk does not tell where data is (SEEK_DATA).</summary>
public sealed class RawContentTests : IDisposable
{
    private const int Segment = 1 << 20;
    private const int FirstFailing = 2 * Segment;

    private static readonly byte[] Content = Contents.Text((4 * Segment) + 12_345, 3);

    private readonly Scratch scratch;

    public RawContentTests() => _ = Scratch.Allocate(LinuxKernel.Instance).Try(out scratch!, out _);

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void With_checksums_of_its_segments_no_segment_is_lost_and_the_error_is_told()
    {
        (List<long> segments, Damage? damage) = ReadAll(hasSegments: true);
        Assert.Equal([0, 1, 2, 3, 4], segments);
        Assert.Equal((DamageKind.Unreadable, null), (damage?.Kind, damage?.Lost));
    }

    [Fact]
    public void Without_them_the_rest_is_lost_and_told()
    {
        (List<long> segments, Damage? damage) = ReadAll(hasSegments: false);
        Assert.Equal([0, 1], segments);
        Assert.Equal(new ByteRange(FirstFailing, Content.Length - FirstFailing), damage?.Lost);
    }

    private (List<long> Segments, Damage? Damage) ReadAll(bool hasSegments)
    {
        ReceiptFile entry = Receipts.Raw("x", Content);
        byte[] record = ReferenceEncoder.SegmentRecord(Content);
        Assert.True(SegmentRecordReader
            .Read(new StoredFile(new MemoryFile(record), record.Length), scratch.Window, entry, 0)
            .Try(out SegmentDigests? digests, out _));
        BlindFile file = new(new MemoryFile(Content));
        OpenedSource opened = new(
            new PlannedFile(0, entry.Output!, entry.Name, null),
            file,
            file.Found,
            RangeSet.Of([new Extent(0, Content.Length)]),
            ReadMode.Slab,
            WasQuiet: false,
            Xattrs: null);
        using RawContent content = new(opened, hasSegments ? digests : null, hasChecksum: true, flaws: []);
        List<long> loaded = [];
        Damage? damage;
        while (content.TakeUnit(scratch).Try(out long? unit, out damage) && unit is { } taken)
        {
            Assert.True(content.Load(taken, scratch).Try(out long? segment, out _));
            loaded.Add(segment!.Value);
        }

        return (loaded, damage);
    }

    /// <summary>A file without holes whose SEEK_DATA fails from the third segment on.</summary>
    private sealed class BlindFile(MemoryFile inner) : ISourceFile
    {
        public FileTraits Traits => inner.Traits;

        public FileStat Found => inner.Found;

        public IoResult Status(out FileStat status) => inner.Status(out status);

        public IoResult Read(nint destination, int length, long offset) => inner.Read(destination, length, offset);

        public IoResult SeekData(long offset) => offset < FirstFailing ? IoResult.Ok(offset) : IoResult.Failed(EIO);

        public IoResult SeekHole(long offset) =>
            offset < FirstFailing ? IoResult.Ok(Content.Length) : IoResult.Failed(EIO);

        public bool IsPopulated(long offset, long length) => true;

        public IoResult<IMappedWindow> Map(long offset, int length) => inner.Map(offset, length);

        public bool IsQuiet() => true;

        public IoResult<string[]> XattrNames() => inner.XattrNames();

        public IoResult<byte[]> ReadXattr(string name, int maxBytes) => inner.ReadXattr(name, maxBytes);

        public long CachedBytes() => 0;

        public void DropCache(long offset, long length)
        {
        }

        public void Dispose() => inner.Dispose();
    }
}
