using System.Text;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Receipt;

/// <summary>Names that are not UTF-8, in a receipt.</summary>
public sealed class EscapedNamesTests
{
    private static readonly ReceiptFile Raw = Receipts.Copied with
    {
        Source = "/dev/shm/a\\\udcff",
        Name = "a\\\udcff",
        Output = "files/a\\\udcff.lz4",
        SourceMetadata = Receipts.Copied.SourceMetadata! with
        {
            Xattrs = new Dictionary<string, ReadOnlyMemory<byte>> { ["user.\udc80"] = new byte[] { 1 } },
            XattrsOmitted = new OmittedXattrs(["user.\\"], 1),
        },
        Error = new ReceiptError("EIO", "/dev/shm/\udcff is not a directory"),
        Status = FileStatus.Partial,
    };

    [Fact]
    public void An_entry_with_such_a_name_is_escaped_and_says_so()
    {
        string text = Text(Raw);
        Assert.StartsWith(
            """{"source":"/dev/shm/a\\\\\\xff","name":"a\\\\\\xff","output":"files/a\\\\\\xff.lz4","escaped":true,""",
            text[text.IndexOf("{\"source\"", StringComparison.Ordinal)..],
            StringComparison.Ordinal);
        Assert.Contains("""
            "xattrs":{"user.\\x80":"AQ=="},"xattrsOmitted":{"names":["user.\\\\"]
            """, text, StringComparison.Ordinal);
        Assert.Contains("""
            "message":"/dev/shm/\\xff is not a directory"
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_read_back_the_same()
    {
        ReceiptFile read = Read(Text(Raw)).Value!.Files[0];
        Assert.Equal((Raw.Source, Raw.Name, Raw.Output), (read.Source, read.Name, read.Output));
        Assert.Equal(["user.\udc80"], read.SourceMetadata!.Xattrs!.Keys);
        Assert.Equal(["user.\\"], read.SourceMetadata.XattrsOmitted!.Names);
        Assert.Equal(Text(Raw), Text(read));
    }

    [Fact]
    public void Any_bytes_are_read_back_the_same() => Gen.Byte.Array[1, 20]
        .Where(static bytes => !bytes.Contains((byte)0) && !bytes.Contains((byte)'/') && bytes[0] != (byte)'.')
        .Sample(
            static bytes =>
            {
                string name = NameBytes.ToText(bytes);
                ReceiptFile file = Raw with { Name = name, Source = $"/{name}", Output = $"files/{name}.lz4" };
                return Read(Text(file)).Value!.Files[0].Name == name;
            },
            iter: 2000);

    [Theory]
    [InlineData(@"a\xff")]
    [InlineData(@"back\\slash")]
    public void A_name_of_UTF8_is_not_escaped_whatever_it_looks_like(string name)
    {
        ReceiptFile file = Receipts.Copied with { Name = name, Output = $"files/{name}.lz4" };
        Assert.DoesNotContain("escaped", Text(file), StringComparison.Ordinal);
        Assert.Equal(name, Read(Text(file)).Value!.Files[0].Name);
    }

    [Theory]
    [InlineData("\"name\":\"a\\\\\\\\\\\\xff\"", "\"name\":\"a\\\\xf\"", "files[0].name")]
    [InlineData("user.\\\\x80", "user.\\\\", "files[0].sourceMetadata.xattrs")]
    [InlineData("/dev/shm/a\\\\\\\\\\\\xff", "/dev/shm/\\\\x2f", "files[0].source")]
    [InlineData("files/a\\\\\\\\\\\\xff.lz4", "files/\\\\x2e\\\\x2e/b", "files[0].output")]
    [InlineData("\"name\":\"a\\\\\\\\\\\\xff\"", "\"name\":\"a\\\\\\\\\\\\xfe\"", "files[0].output")]
    public void An_escape_that_is_wrong_is_an_error_with_its_field(string old, string wrong, string field)
    {
        string text = Text(Raw);
        Assert.Contains(old, text, StringComparison.Ordinal);
        Assert.Equal(field, Read(text.Replace(old, wrong, StringComparison.Ordinal)).Error!.Field);
    }

    private static string Text(ReceiptFile file) => Receipts.Text(Receipts.Full with { Files = [file] });

    private static Parsed<BundleReceipt> Read(string text) =>
        ReceiptReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "receipt.json");
}
