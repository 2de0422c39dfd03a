using System.IO.Hashing;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>A file of tiny frames, which no copy makes, is read in large pieces.</summary>
public sealed class TinyFrameTests : IDisposable
{
    private const int Count = 20_000;

    private readonly Reading reading = new();

    public void Dispose() => reading.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tiny_frames_are_read_many_at_a_time(bool hasTable)
    {
        byte[] frame = [4, 0x22, 0x4D, 0x18, 0x6C, 0x60, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. new byte[8]];
        frame[14] = (byte)(XxHash32.HashToUInt32(frame.AsSpan(4, 10)) >> 8);
        byte[] frames = [.. Enumerable.Repeat(frame, Count).SelectMany(static f => f)];
        const long sizeBytes = (long)Count << 20;
        byte[] file = hasTable
            ? [.. frames, .. ReferenceEncoder.SeekTable(
                [.. Enumerable.Range(0, Count).Select(i => ((uint)i, (uint)frame.Length, (long)i * frame.Length, 0UL))],
                sizeBytes,
                frames.Length)]
            : frames;
        ReceiptFile entry = Reading.Entry([]) with { SizeBytes = sizeBytes, Ranges = [new ByteRange(0, sizeBytes)] };

        FileDamage damage = reading.Check(file, entry, ContentUse.Verify)!;

        Assert.Equal(sizeBytes, damage.LostBytes);
        // Each byte is read at most twice: to find the frames, or to check their table, and to decode them.
        Assert.InRange(reading.Reads, 1, 4 + (2 * file.Length / (128 * 1024)));
    }
}
