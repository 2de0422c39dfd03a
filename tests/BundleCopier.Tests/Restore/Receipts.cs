using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Tests.Restore;

/// <summary>Entries of receipts for files that tests make.</summary>
internal static class Receipts
{
    public static ReceiptFile Raw(string name, byte[] content) => new()
    {
        Source = $"/dev/shm/{name}",
        Name = name,
        Output = $"files/{name}",
        Status = FileStatus.Copied,
        SizeBytes = content.Length,
        DataBytes = content.Length,
        WrittenBytes = content.Length,
        Ranges = content.Length == 0 ? [] : [new ByteRange(0, content.Length)],
        Compression = OutputCompression.None,
        Checksum = ReferenceEncoder.Checksum(content),
        Stable = true,
    };
}
