using System.Collections;
using BundleCopier.Receipt;

namespace BundleCopier.Supervise;

/// <summary>The receipt's entries, each made when it is asked for: a receipt of 100,000 files is never in memory as a whole.</summary>
internal sealed class ReceiptFiles(FileOutcome[] outcomes, OutputIo io) : IReadOnlyList<ReceiptFile>
{
    public int Count => outcomes.Length;

    public ReceiptFile this[int index] => outcomes[index].ToReceipt(io);

    public IEnumerator<ReceiptFile> GetEnumerator()
    {
        foreach (FileOutcome outcome in outcomes)
            yield return outcome.ToReceipt(io);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
