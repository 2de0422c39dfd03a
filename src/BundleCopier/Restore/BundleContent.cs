using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// Reads parts of the files of a bundle, around the page cache, and decompresses only what is asked for. Of a compressed
/// file each frame is checked before a byte of it is handed over. A raw file has one checksum for all of it, so it is
/// checked when all of it is asked for, at the end. It needs 3 MiB.
/// </summary>
public sealed class BundleContent
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly IMemoryKernel kernel;

    /// <summary>Makes a reader.</summary>
    public BundleContent()
        : this(LinuxKernel.Instance)
    {
    }

    internal BundleContent(IMemoryKernel kernel) => this.kernel = kernel;

    /// <summary>Hands over a part of a file, in order; holes as zeros. Blocks until it is done.</summary>
    /// <param name="bundlePath">The bundle's directory.</param>
    /// <param name="name">The file's name in the receipt.</param>
    /// <param name="sink">Takes the bytes.</param>
    /// <param name="offset">The first byte; beyond the end there is nothing to hand over.</param>
    /// <param name="length">How many bytes, cut at the end of the file.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public CatReport Read(
        string bundlePath, string name, ContentSink sink, long offset = 0, long length = long.MaxValue, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        using BundleFolder? bundle = BundleFolder.Open(kernel, bundlePath, out BundleProblem? problem);
        if (bundle is null)
        {
            return problem is BundleProblem.ReceiptDamaged damaged
                ? new CatReport.ReceiptDamaged(damaged.Error)
                : new CatReport.NoBundle(((BundleProblem.NoBundle)problem!).Message);
        }

        IReadOnlyList<int> found = NameChoice.Find(bundle.Receipt, [name], out InputError? unknown);
        if (unknown is not null)
            return new CatReport.Invalid(unknown);
        // A pattern that matched nothing may share its name with another; at most one is there.
        int index = found.FirstOrDefault(i => bundle.Receipt.Files[i].Output is not null, found[0]);
        ReceiptFile entry = bundle.Receipt.Files[index];
        if (entry.Output is null)
            return new CatReport.Absent(entry.Error?.Message ?? "The receipt does not say why.");
        if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
            throw new InsufficientMemoryException($"No memory for a slab: {error.Name}.");
        using (scratch)
        {
            using IStoredContent? content = bundle.OpenContent(index, checksGaps: false, scratch, out Damage? damage);
            long end = length > entry.SizeBytes - offset ? entry.SizeBytes : offset + length;
            if (content is not null && offset < end)
                damage = Read(entry, content, scratch, sink, Extent.Between(offset, end), stop);
            return damage is null
                ? new CatReport.Done(HasMissing(entry, offset, end))
                : new CatReport.Damaged(entry.Output, damage);
        }
    }

    private static Damage? Read(ReceiptFile entry, IStoredContent content, Scratch scratch, ContentSink sink, Extent part, CancellationToken stop)
    {
        ContentCheck check = new();
        for (long segment = SegmentGrid.IndexOf(part.Offset); segment * SegmentGrid.SegmentBytes < part.End; segment++)
        {
            stop.ThrowIfCancellationRequested();
            if (content.LoadSegment(segment, scratch) is { } damage)
                return damage;
            check.Add(segment, scratch.Lease.Digest);
            long start = segment * SegmentGrid.SegmentBytes;
            int from = (int)Math.Max(0, part.Offset - start);
            int to = (int)Math.Min(SegmentGrid.SegmentBytes, part.End - start);
            if (!HandOver(scratch.Lease, from, to, sink))
                return null;
        }

        bool isWhole = part.Offset == 0 && part.End == entry.SizeBytes;
        return isWhole ? check.Conclude(entry) : null;
    }

    private static bool HandOver(Lease lease, int from, int to, ContentSink sink)
    {
        int at = from;
        foreach (Run run in lease.Runs.AsSpan())
        {
            if (run.End <= at)
                continue;
            if (run.Offset >= to)
                break;
            int start = Math.Max(at, run.Offset);
            int end = Math.Min(to, run.End);
            if (!HandOverZeros(start - at, sink) || !sink(lease.Slab[start..end]))
                return false;
            at = end;
        }

        return HandOverZeros(to - at, sink);
    }

    private static bool HandOverZeros(int count, ContentSink sink)
    {
        for (int left = count; left > 0; left -= Zeros.Length)
        {
            if (!sink(Zeros.AsSpan(0, Math.Min(left, Zeros.Length))))
                return false;
        }

        return true;
    }

    // What the manifest did not ask for is a hole by intent; what could not be copied is one by misfortune.
    private static bool HasMissing(ReceiptFile entry, long offset, long end) =>
        entry.Status == FileStatus.Partial
        && offset < end
        && !entry.Ranges.Any(r => r.Offset <= offset && r.End >= end);
}
