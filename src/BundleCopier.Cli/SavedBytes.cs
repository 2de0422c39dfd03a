using BundleCopier.Receipt;

namespace BundleCopier.Cli;

/// <summary>What a receipt says is saved and missing, added up.</summary>
/// <param name="DataBytes">Bytes of data that are saved.</param>
/// <param name="WrittenBytes">Bytes that were written for them.</param>
/// <param name="MissingBytes">Bytes of data that were wanted and are not saved; of opened files only.</param>
/// <param name="WholeFiles">Files that are saved with all their bytes.</param>
/// <param name="PartFiles">Files that are saved in part.</param>
/// <param name="UnopenedFiles">Files that were never opened, so their size is not known.</param>
internal readonly record struct SavedBytes(
    long DataBytes, long WrittenBytes, long MissingBytes, int WholeFiles, int PartFiles, int UnopenedFiles)
{
    public static SavedBytes Of(BundleReceipt receipt)
    {
        SavedBytes sum = new() { MissingBytes = receipt.Missing?.Sum(static m => m.Bytes) ?? 0 };
        // One pass only: each access to Files creates the entries again.
        foreach (ReceiptFile file in receipt.Files)
        {
            sum = sum with
            {
                DataBytes = sum.DataBytes + file.DataBytes,
                WrittenBytes = sum.WrittenBytes + file.WrittenBytes,
                WholeFiles = sum.WholeFiles + (file.Status == FileStatus.Copied ? 1 : 0),
                PartFiles = sum.PartFiles + (file.Status == FileStatus.Partial ? 1 : 0),
                UnopenedFiles = sum.UnopenedFiles + (file.SourceMetadata is null ? 1 : 0),
            };
        }

        return sum;
    }
}
