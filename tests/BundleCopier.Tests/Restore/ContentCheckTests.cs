using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>The checksum of a file whose segments several threads read, and the hashes that its segments should have.
/// </summary>
public sealed class ContentCheckTests : IDisposable
{
    private readonly Scratch scratch;

    public ContentCheckTests() => _ = Scratch.Allocate(LinuxKernel.Instance).Try(out scratch!, out _);

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_checksum_does_not_depend_on_which_unit_ends_first()
    {
        const int Count = 1000;
        FileChecksum expected = new();
        for (int i = 0; i < Count; i += 2)
            expected.Add(i, DigestOf(i));
        ReceiptFile entry = Receipts.Raw("x", []) with
        {
            SizeBytes = (long)Count << 20,
            Checksum = FileChecksum.Format(expected.Complete((long)Count << 20)),
        };
        Random random = new(5);
        ContentCheck check = new([]);
        List<long> begun = [];
        for (int next = 0; next < Count || begun.Count > 0;)
        {
            if (next < Count && (begun.Count == 0 || (begun.Count < 8 && random.Next(2) == 0)))
            {
                check.Begin(next);
                begun.Add(next++);
                continue;
            }

            long unit = begun[random.Next(begun.Count)];
            begun.Remove(unit);
            // Every second segment is all zeros.
            check.End(unit, unit, unit % 2 == 0 ? DigestOf(unit) : null);
        }

        Assert.Null(check.Conclude(entry));
        check.End(Count, Count, 1);
        Assert.NotNull(check.Conclude(entry));
    }

    [Fact]
    public void Hashes_of_segments_are_found_in_each_piece_of_the_record()
    {
        const int Count = (2 * SegmentDigests.EntriesPerPiece) + 3;
        FileChecksum checksum = new();
        for (int i = 0; i < Count; i++)
            checksum.Add((3 * i) + 1, DigestOf(i));
        long sizeBytes = 4L * Count << 20;
        MemoryStream record = new();
        record.Write(new byte[4096]);
        SegmentRecord.Write(record, checksum.InOrder());
        ReceiptFile entry = Receipts.Raw("x", []) with
        {
            SizeBytes = sizeBytes,
            Checksum = FileChecksum.Format(checksum.Complete(sizeBytes)),
        };
        StoredFile stored = new(new MemoryFile(record.ToArray()), record.Length);
        Assert.True(SegmentRecordReader.Read(stored, scratch.Window, entry, 4096)
            .Try(out SegmentDigests? digests, out _));
        int[] places =
        [
            0, 1, SegmentDigests.EntriesPerPiece - 1, SegmentDigests.EntriesPerPiece,
            (2 * SegmentDigests.EntriesPerPiece) - 1, 2 * SegmentDigests.EntriesPerPiece, Count - 1,
        ];
        foreach (int i in places)
        {
            long segment = (3 * i) + 1;
            Assert.Equal(DigestOf(i), Digest(segment));
            Assert.Null(Digest(segment + 1));
            Assert.Equal(segment, Next(segment - 1));
            Assert.Equal(i == Count - 1 ? null : segment + 3, Next(segment + 1));
        }

        ulong? Digest(long segment)
        {
            Assert.True(digests!.DigestOf(segment, scratch).Try(out ulong? found, out _));
            return found;
        }

        long? Next(long segment)
        {
            Assert.True(digests!.NextFrom(segment, scratch).Try(out long? found, out _));
            return found;
        }
    }

    private static ulong DigestOf(long number) => ((ulong)number + 1) * 0x9E37_79B9_7F4A_7C15;
}
