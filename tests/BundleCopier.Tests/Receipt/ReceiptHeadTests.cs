using System.Text;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Receipt;

public sealed class ReceiptHeadTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_head_of_a_receipt_is_read_from_its_first_bytes(bool indented)
    {
        BundleReceipt receipt = Receipts.Full;
        using MemoryStream text = new();
        ReceiptWriter.Write(text, receipt, indented);
        byte[] start = text.ToArray()[..(int)Math.Min(text.Length, ReceiptHead.MaxBytes)];
        ReceiptHead? head = ReceiptHead.Read(start);
        Assert.Equal((receipt.Bundle, receipt.Status), (head?.Bundle, head?.Status));
        Assert.Equal(receipt.DataBytes, head!.DataBytes);
        Assert.Equal(receipt.FinishedAt.ToUnixTimeMilliseconds(), head!.FinishedAt!.Value.ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not JSON")]
    [InlineData("{ \"version\": 2, \"bundle\": \"b\", \"status\": \"complete\" }")]
    [InlineData("{ \"version\": 1, \"bundle\": 7, \"status\": \"complete\" }")]
    [InlineData("{ \"version\": 1, \"bundle\": \"b\", \"status\": \"odd\" }")]
    [InlineData("{ \"bundle\": \"b\", \"status\": \"complete\", \"files\": [] }")]
    public void What_is_no_receipt_has_no_head(string text) =>
        Assert.Null(ReceiptHead.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_no_text_have_no_head() => Assert.Null(ReceiptHead.Read([0x7B, 0x22, 0xFF, 0x22, 0x3A]));

    [Fact]
    public void A_receipt_without_its_end_time_has_a_head() => Assert.Null(
        ReceiptHead.Read("{ \"version\": 1, \"bundle\": \"b\", \"status\": \"partial\", \"files\": [] }"u8)!
            .FinishedAt);
}
