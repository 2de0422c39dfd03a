using System.Text;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Supervise;
using Xunit;

namespace BundleCopier.Tests.Supervise;

public sealed class CopyTimelineTests
{
    [Fact]
    public void A_short_copy_has_each_look_as_a_sample()
    {
        CopyTimeline timeline = new();
        timeline.Start(Host(5_000, null));
        timeline.Add(100, 10, 3, Host(7_000, null));
        timeline.Add(200, 20, 1, Host(6_000, null));
        Assert.Equal([new ReceiptSample(100, 10, 3, 2), new ReceiptSample(200, 20, 1, 1)], timeline.End());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(250)]
    [InlineData(100_000)]
    public void However_long_a_copy_is_it_has_at_most_100_samples_in_even_steps_and_loses_no_peak(int looks)
    {
        CopyTimeline timeline = new();
        timeline.Start(Host(0, 0));
        for (int i = 1; i <= looks; i++)
            timeline.Add(i * 100, i * 10, i == 77 ? 999 : 1, Host(i * 1000, 0));
        IReadOnlyList<ReceiptSample> samples = timeline.End();
        Assert.InRange(samples.Count, Math.Min(looks, 50), ReceiptSample.MaxCount);
        ReceiptSample last = samples[^1];
        Assert.Equal((looks * 100L, looks * 10L, looks), (last.AtMs, last.DataBytes, last.MemoryStallMs));
        Assert.Equal(999, samples.Max(static s => s.InFlightBytes));
        long[] steps = [.. samples.Zip(samples.Skip(1), static (a, b) => b.AtMs - a.AtMs)];
        Assert.All(steps[..^1], step => Assert.Equal(steps[0], step));
        Assert.InRange(steps[^1], 1, steps[0]);
    }

    [Fact]
    public void A_sample_fits_the_room_that_the_receipt_reserves_for_it()
    {
        const long huge = long.MaxValue;
        ReceiptResources resources = Receipt.Receipts.Full.Resources;
        int one = TextBytes(1);
        Assert.InRange(TextBytes(2) - one, 1, ReceiptSample.RoomBytes);

        int TextBytes(int count)
        {
            ReceiptSample sample = new(huge, huge, huge, huge, huge);
            return Encoding.UTF8.GetByteCount(Receipt.Receipts.Text(
                Receipt.Receipts.Full with
                {
                    Resources = resources with { Timeline = [.. Enumerable.Repeat(sample, count)] },
                },
                indented: true));
        }
    }

    [Theory]
    [InlineData("null", "resources.timeline[0]")]
    [InlineData("{\"atMs\":1,\"dataBytes\":1,\"inFlightBytes\":-1}", "resources.timeline[0].inFlightBytes")]
    [InlineData("{\"atMs\":1,\"dataBytes\":1}", "resources.timeline[0]")]
    public void A_sample_that_cannot_be_right_makes_a_receipt_invalid(string sample, string field)
    {
        string text = Receipt.Receipts.Text(Receipt.Receipts.Full)
            .Replace("\"seconds\":5.1", $"\"seconds\":5.1,\"timeline\":[{sample}]", StringComparison.Ordinal);
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        BundleCopier.Input.Parsed<BundleReceipt> read = ReceiptReader.Read(stream, "receipt.json");
        Assert.False(read.IsOk);
        Assert.Equal(field, read.Error.Field);
    }

    private static HostReading Host(long? memoryUs, long? ioUs) =>
        default(HostReading) with { MemorySomeUs = memoryUs, IoSomeUs = ioUs };
}
