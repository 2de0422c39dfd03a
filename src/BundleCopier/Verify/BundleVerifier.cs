using BundleCopier.Input;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Receipt;
using BundleCopier.Write;

namespace BundleCopier.Verify;

/// <summary>
/// Reads a bundle back, around the page cache, and compares it with its receipt. It needs one slab a thread, and believes
/// nothing it has not read.
/// </summary>
public sealed class BundleVerifier
{
    // A receipt of 100,000 files has about 70 MB.
    private const long LargestReceiptBytes = 1L << 30;

    private readonly IKernel kernel;
    private readonly int threads;

    /// <summary>Makes a verifier.</summary>
    /// <param name="threads">How many threads read and hash; at least 1.</param>
    public BundleVerifier(int threads = 2)
        : this(LinuxKernel.Instance, threads)
    {
    }

    internal BundleVerifier(IKernel kernel, int threads)
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
        if (!kernel.OpenDirectory(Path.GetFullPath(path)).Try(out IDirectory? bundle, out Errno error))
            return new VerifyReport.NoBundle($"{path} cannot be opened: {error.Name}. Name the directory of a bundle.");
        using (bundle)
        {
            if (!bundle.OpenFile(BundleDirectory.ReceiptName).Try(out ISourceFile? receiptFile, out error))
                return new VerifyReport.NoBundle($"{path} has no {BundleDirectory.ReceiptName} ({error.Name}). Name the directory of a bundle.");
            using (receiptFile)
            {
                Parsed<BundleReceipt> receipt = ReadReceipt(receiptFile, $"{path.TrimEnd('/')}/{BundleDirectory.ReceiptName}");
                if (!receipt.IsOk)
                    return new VerifyReport.ReceiptDamaged(receipt.Error);
                return new VerifyReport.Done(receipt.Value, VerifyFiles(bundle, receipt.Value, stop));
            }
        }
    }

    private Parsed<BundleReceipt> ReadReceipt(ISourceFile file, string where)
    {
        IoResult result = file.Status(out FileStat status);
        if (!result.IsOk)
            return new InputError(where, "", $"it cannot be read ({result.Error.Name})", "Check the disk.");
        if (status.SizeBytes > LargestReceiptBytes)
            return new InputError(where, "", $"it has {status.SizeBytes} bytes, more than any receipt", "Restore it from a copy.");
        if (!SlabPool.Allocate(kernel, SegmentGrid.SegmentBytes).Try(out SlabPool? pool, out Errno error))
            return new InputError(where, "", $"there is no memory to read it ({error.Name})", "Free some.");
        using (pool)
        {
            Lease lease = pool.Rent();
            byte[] bytes = new byte[status.SizeBytes];
            Errno failed = ReadWhole(file, bytes, lease);
            pool.Return(lease);
            return failed.IsError
                ? new InputError(where, "", $"it cannot be read ({failed.Name})", "Check the disk.")
                : ReceiptReader.Read(bytes, where);
        }
    }

    private static Errno ReadWhole(ISourceFile file, byte[] bytes, Lease lease)
    {
        for (long at = 0; at < bytes.Length;)
        {
            IoResult read = file.Read(lease.Address, SegmentGrid.SegmentBytes, at);
            if (read.Error.IsInterrupted)
                continue;
            int count = (int)Math.Min(read.Value, bytes.Length - at);
            if (!read.IsOk || count == 0)
                return read.IsOk ? new Errno(Tmds.Linux.LibC.EIO) : read.Error;
            lease.Slab[..count].CopyTo(bytes.AsSpan((int)at));
            at += count;
        }

        return Errno.None;
    }

    private IReadOnlyList<FileVerdict> VerifyFiles(IDirectory bundle, BundleReceipt receipt, CancellationToken stop)
    {
        VerifyQueue queue = new(bundle, receipt.Files, stop);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Work(queue)) { Name = $"verify-{i}" })];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        stop.ThrowIfCancellationRequested();
        queue.ThrowIfFailed();
        return queue.Verdicts;
    }

    private void Work(VerifyQueue queue)
    {
        try
        {
            if (!SlabPool.Allocate(kernel, SegmentGrid.SegmentBytes).Try(out SlabPool? pool, out Errno error))
                throw new InsufficientMemoryException($"No memory for a slab: {error.Name}.");
            using (pool)
            {
                Lease lease = pool.Rent();
                SegmentReader reader = new(new CopyOptions(Checksum: true, ZeroDetection: true));
                while (queue.Next(out VerifyQueue.OpenVerdict? file, out long segment))
                {
                    SegmentOutcome outcome = reader.Fill(file.Source, segment, Travel.Slab, lease);
                    queue.Finish(file, segment, outcome, lease.Digest);
                }

                pool.Return(lease);
            }
        }
        catch (Exception bug)
        {
            queue.Fail(bug);
        }
    }
}
