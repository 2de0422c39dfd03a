using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Verify;

/// <summary>
/// Reads a bundle back, around the page cache, and compares it with its receipt: of raw files every byte of the content,
/// of compressed ones every byte of the stream. It needs 3 MiB a thread, and believes nothing it has not read.
/// </summary>
public sealed class BundleVerifier
{
    private readonly IMemoryKernel kernel;
    private readonly int threads;

    /// <summary>Makes a verifier.</summary>
    /// <param name="threads">How many threads read and hash; at least 1.</param>
    public BundleVerifier(int threads = 2)
        : this(LinuxKernel.Instance, threads)
    {
    }

    internal BundleVerifier(IMemoryKernel kernel, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.kernel = kernel;
        this.threads = threads;
    }

    /// <summary>Verifies one bundle. Blocks until every file has been read.</summary>
    /// <param name="path">The bundle's directory.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public VerifyReport Verify(string path, CancellationToken stop = default)
    {
        using BundleFolder? bundle = BundleFolder.Open(kernel, path, out BundleProblem? problem);
        if (bundle is null)
        {
            return problem is BundleProblem.ReceiptDamaged damaged
                ? new VerifyReport.ReceiptDamaged(damaged.Error)
                : new VerifyReport.NoBundle(((BundleProblem.NoBundle)problem!).Message);
        }

        FileVerdict?[] verdicts = new FileVerdict?[bundle.Receipt.Files.Count];
        WorkQueue queue = new(verdicts.Length, (index, scratch) => Open(bundle, index, scratch, verdicts), stop);
        queue.Run(kernel, threads, "verify");
        stop.ThrowIfCancellationRequested();
        return new VerifyReport.Done(bundle.Receipt, verdicts!);
    }

    private static VerifyWork? Open(BundleFolder bundle, int index, Scratch scratch, FileVerdict?[] verdicts)
    {
        ReceiptFile entry = bundle.Receipt.Files[index];
        if (entry.Output is null)
        {
            verdicts[index] = new FileVerdict(entry, VerdictKind.Absent, entry.Error?.Message ?? "");
            return null;
        }

        IStoredContent? content = bundle.OpenContent(index, checksGaps: true, scratch, out Damage? damage);
        // The frames of a compressed file carry checksums of their own.
        if (content is not null && (entry.Checksum is not null || entry.Compression == OutputCompression.Lz4))
            return new VerifyWork(entry, content, verdict => verdicts[index] = verdict);
        content?.Dispose();
        verdicts[index] = damage is null
            ? new FileVerdict(entry, VerdictKind.Unknown, "It was copied without a checksum, so nobody can tell.")
            : FileVerdict.Of(entry, damage);
        return null;
    }
}
