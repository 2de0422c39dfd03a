using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class FrameTests : IDisposable
{
    private const int Segment = 1 << 20;

    private readonly Reading reading = new();

    public void Dispose() => reading.Dispose();

    [Fact]
    public void Output_of_the_reference_encoder_is_read_back_byte_for_byte()
    {
        foreach ((string what, byte[] content, byte[] file) in Contents.All)
        {
            foreach (bool checksGaps in (bool[])[true, false])
            {
                byte[] found = new byte[content.Length];
                Assert.True(reading.Check(file, Reading.Entry(content), checksGaps, found) is null, what);
                Assert.True(content.AsSpan().SequenceEqual(found), what);
            }
        }
    }

    [Fact]
    public void A_frame_of_any_length_and_block_size_decodes()
    {
        byte[] content = Contents.Text(Segment, 1);
        byte[] room = new byte[Segment];
        foreach (int length in (int[])[1, 2, 12, 13, 4095, 4096, 65537, Segment - 1, Segment])
        {
            foreach (int block in (int[])[Math.Max(1, length / 200), 4096, Segment])
            {
                byte[] frame = ReferenceEncoder.DataFrame(content.AsSpan(0, length), block, stored: length % 2 == 0);
                Assert.Null(FrameDecoder.Decode(frame, room.AsSpan(0, length)));
                Assert.True(room.AsSpan(0, length).SequenceEqual(content.AsSpan(0, length)));
            }
        }
    }

    [Theory]
    [InlineData(0, DamageKind.FrameHeader)] // magic
    [InlineData(4, DamageKind.FrameHeader)] // flags
    [InlineData(5, DamageKind.FrameHeader)] // block size
    [InlineData(8, DamageKind.FrameHeader)] // content size, found by the header's checksum
    [InlineData(14, DamageKind.FrameHeader)]
    [InlineData(17, DamageKind.BlockSize)]
    public void A_wrong_byte_in_the_header_is_named(int at, DamageKind kind)
    {
        byte[] frame = ReferenceEncoder.DataFrame(Contents.Random(5000, 1), 5000, stored: true);
        frame[at] ^= 0x40;
        Assert.Equal(kind, FrameDecoder.Decode(frame, new byte[5000])?.Kind);
    }

    [Fact]
    public void A_content_checksum_that_is_wrong_is_found()
    {
        byte[] frame = ReferenceEncoder.DataFrame(Contents.Random(5000, 1), 5000, stored: true);
        frame[1000] ^= 1;
        Assert.Equal(
            new FrameFlaw(DamageKind.ContentChecksum, frame.Length - 4), FrameDecoder.Decode(frame, new byte[5000]));
    }

    [Theory]
    [InlineData(4999)]
    [InlineData(5001)]
    public void A_frame_that_holds_more_or_less_than_the_segment_is_refused(int wanted) =>
        Assert.Equal(
            new FrameFlaw(DamageKind.ContentSize, 6),
            FrameDecoder.Decode(
                ReferenceEncoder.DataFrame(Contents.Random(5000, 1), 5000, stored: true), new byte[wanted]));

    [Fact]
    public void A_frame_that_decodes_to_more_than_it_claims_writes_nothing_behind_its_buffer()
    {
        // A valid frame of 5000 bytes, but its header, with a right checksum, says 4000.
        byte[] frame = ReferenceEncoder.DataFrame(Contents.Text(5000, 1), 5000, stored: false);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(6), 4000);
        frame[14] = (byte)(XxHash32.HashToUInt32(frame.AsSpan(4, 10)) >> 8);
        byte[] room = new byte[6000];
        Assert.NotNull(FrameDecoder.Decode(frame, room.AsSpan(0, 4000)));
        Assert.False(room.AsSpan(4000).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Bytes_behind_a_frame_or_missing_from_it_are_refused()
    {
        byte[] frame = ReferenceEncoder.DataFrame(Contents.Text(5000, 1), 5000, stored: false);
        Assert.Equal(DamageKind.FrameEnd, FrameDecoder.Decode([.. frame, 0], new byte[5000])?.Kind);
        for (int cut = 1; cut < frame.Length; cut += 7)
            Assert.NotNull(FrameDecoder.Decode(frame.AsSpan(0, frame.Length - cut), new byte[5000]));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void Every_bit_between_the_frames_counts()
    {
        byte[] content = Contents.Sparse((2 * Segment) + 100, 1, 1);
        byte[] file = ReferenceEncoder.Encode(content);
        var entry = Reading.Entry(content);
        const int blockAt = 19;
        int blockEnd = blockAt + BitConverter.ToInt32(file, 15);
        int dataAt = 8192; // zeros of one segment take more than one block
        Assert.Null(reading.Check(file, entry, checksGaps: true));
        for (int at = 0; at < dataAt; at++)
        {
            file[at] ^= 1;
            Damage? damage = reading.Check(file, entry, checksGaps: true);
            file[at] ^= 1;
            // In zeros, a match at a distance of two bytes gives the same as one at one byte; any other change is
            // found.
            Assert.True(damage is not null || (at >= blockAt && at < blockEnd), $"byte {at}");
        }
    }

    [Fact]
    public void Damage_names_the_offset_and_the_frame()
    {
        byte[] content = Contents.Sparse(11 * Segment, 5, 1, 2, 9);
        byte[] file = ReferenceEncoder.Encode(content);
        int at = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18, 0x6C, 0x60]);
        file[at + 14] ^= 1;
        Damage? damage = reading.Check(file, Reading.Entry(content), checksGaps: true);
        Assert.Equal((DamageKind.FrameHeader, at + 14L, 9L), (damage!.Kind, damage.Offset, damage.Frame));
        Assert.StartsWith($"offset {at + 14}, frame 9: ", damage.Message);
    }

    [Fact]
    public void Bytes_outside_of_the_ranges_are_zero_and_do_not_count()
    {
        byte[] content = Contents.Text(20_000, 1);
        byte[] wanted = new byte[20_000];
        content.AsSpan(5000, 6000).CopyTo(wanted.AsSpan(5000));
        byte[] found = new byte[20_000];
        var entry = Reading.Entry(wanted) with { Ranges = [new(5000, 6000)] };
        Assert.Null(reading.Check(ReferenceEncoder.Encode(content), entry, checksGaps: true, found));
        Assert.Equal(wanted, found);
    }
}
