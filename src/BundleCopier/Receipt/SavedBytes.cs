namespace BundleCopier.Receipt;

/// <summary>
/// What a receipt says is saved and missing, added up. Sums of a malicious receipt end at the largest number.
/// </summary>
/// <param name="DataBytes">Bytes of data that are saved.</param>
/// <param name="WrittenBytes">Bytes that were written for them.</param>
/// <param name="MissingBytes">Bytes of data that were wanted and are not saved; of opened files only.</param>
/// <param name="WholeFiles">Files that are saved with all their bytes.</param>
/// <param name="PartFiles">Files that are saved in part.</param>
/// <param name="UnopenedFiles">Files that were never opened, so their size is not known.</param>
internal readonly record struct SavedBytes(
    long DataBytes, long WrittenBytes, long MissingBytes, int WholeFiles, int PartFiles, int UnopenedFiles)
{
    /// <summary>All files.</summary>
    public int Files { get; init; }

    /// <summary>Bytes of data that were wanted; of opened files only.</summary>
    public long WantedBytes => Sum(DataBytes, MissingBytes);

    public static SavedBytes Of(BundleReceipt receipt)
    {
        SavedBytes sum = default;
        // One pass only: each access to Files creates the entries again.
        foreach (ReceiptFile file in receipt.Files)
            sum = sum.With(file);
        return sum.With(receipt.Missing);
    }

    /// <summary>The sum with one more file.</summary>
    public SavedBytes With(ReceiptFile file) => this with
    {
        DataBytes = Sum(DataBytes, file.DataBytes),
        WrittenBytes = Sum(WrittenBytes, file.WrittenBytes),
        Files = Files + 1,
        WholeFiles = WholeFiles + (file.Status == FileStatus.Copied ? 1 : 0),
        PartFiles = PartFiles + (file.Status == FileStatus.Partial ? 1 : 0),
        UnopenedFiles = UnopenedFiles + (file.SourceMetadata is null && file.Output is null ? 1 : 0),
    };

    /// <summary>The sum with what is missing.</summary>
    public SavedBytes With(IReadOnlyList<ReceiptMissing>? missing) => this with
    {
        MissingBytes = (missing ?? []).Aggregate(MissingBytes, static (sum, reason) => Sum(sum, reason.Bytes)),
    };

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}
