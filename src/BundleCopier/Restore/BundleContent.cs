using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// Reads parts of the files of a bundle, around the page cache, and decompresses only what is asked for. Each frame of
/// a compressed file is checked before a byte of it is handed over, and each segment of a raw file whose segments have
/// checksums. Another raw file has one checksum for all of its content, so it is checked only when all of it is asked
/// for, at the end. It needs 4 MiB, and the names of the files.
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
    /// <param name="name">The file's name, exact or in the escaped spelling of the receipt.</param>
    /// <param name="sink">Takes the bytes.</param>
    /// <param name="offset">The first byte; beyond the end of the file there are none.</param>
    /// <param name="length">How many bytes, cut at the end of the file.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public CatReport Read(
        string bundlePath,
        string name,
        ContentSink sink,
        long offset = 0,
        long length = long.MaxValue,
        CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return InBundle(bundlePath, bundle =>
        {
            if ((Find(bundle, name) ?? FindEscaped(bundle, name)) is not { } entry)
                return new CatReport.Invalid(NameChoice.Unknown(bundle, name));
            if (entry.Output is null)
                return AbsentOf(entry);
            return WithScratch(scratch => Read(bundle, entry, scratch, sink, (offset, length), stop));
        });
    }

    /// <summary>
    /// Hands over all files that a name means, one after the other in the order of the receipt: the file of this name,
    /// or all files below the directory, or those that match the pattern in the last component. A part can only be had
    /// of one file. Blocks until it is done.
    /// </summary>
    /// <param name="bundlePath">The bundle's directory.</param>
    /// <param name="name">A name, exact or in the escaped spelling of the receipt, a directory, or a pattern.</param>
    /// <param name="sink">Takes the bytes.</param>
    /// <param name="tell">Gets the name of each file, and how reading it ended.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many bytes, cut at the end of the file.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// Why nothing was read; otherwise the report of the last file, which <paramref name="tell"/> has got as well.
    /// </returns>
    public CatReport ReadEach(
        string bundlePath,
        string name,
        ContentSink sink,
        Action<string, CatReport> tell,
        long offset = 0,
        long length = long.MaxValue,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(tell);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return InBundle(bundlePath, bundle =>
        {
            IEnumerable<ReceiptFile> chosen;
            if ((Find(bundle, name) ?? FindEscaped(bundle, name)) is { Output: not null } exact)
            {
                chosen = [exact];
            }
            else
            {
                Parsed<NameChoice> choice = NameChoice.Of(bundle, [name]);
                if (!choice.IsOk)
                    return new CatReport.Invalid(choice.Error);
                chosen = choice.Value.In(bundle);
                bool isPart = offset > 0 || length < long.MaxValue;
                if (isPart && chosen.Take(2).Count() > 1)
                    return new CatReport.Invalid(SeveralParts(name));
            }

            return WithScratch(scratch => ReadAll(bundle, chosen, scratch, sink, tell, (offset, length), stop));
        });
    }

    private static InputError SeveralParts(string name) => new(
        "NAME", "", $"{Printable.Quoted(name)} means several files", "A part can only be had of one file: name it.");

    private static CatReport ReadAll(
        BundleFolder bundle,
        IEnumerable<ReceiptFile> chosen,
        Scratch scratch,
        ContentSink sink,
        Action<string, CatReport> tell,
        (long Offset, long Length) part,
        CancellationToken stop)
    {
        bool isWanted = true;
        bool Take(ReadOnlySpan<byte> bytes) => isWanted = sink(bytes);
        CatReport? last = null;
        foreach (ReceiptFile entry in chosen)
        {
            last = entry.Output is null ? AbsentOf(entry) : Read(bundle, entry, scratch, Take, part, stop);
            tell(entry.Name, last);
            if (!isWanted)
                break;
        }

        return last ?? throw new InvalidOperationException("A choice has at least one file.");
    }

    private CatReport InBundle(string bundlePath, Func<BundleFolder, CatReport> use)
    {
        if (!BundleFolder.Open(kernel, bundlePath).Try(out BundleFolder? bundle, out BundleProblem? problem))
            return ReportOf(problem);
        using (bundle)
        {
            try
            {
                return use(bundle);
            }
            catch (ReceiptException e)
            {
                return new CatReport.ReceiptDamaged(e.Error);
            }
        }
    }

    private CatReport WithScratch(Func<Scratch, CatReport> use)
    {
        if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
            return ReportOf(BundleProblem.OutOfMemory(error));
        using (scratch)
            return use(scratch);
    }

    private static CatReport.Absent AbsentOf(ReceiptFile entry) =>
        new(entry.Error?.Message ?? "The receipt does not say why.");

    // A pattern that matched nothing can share its name with a file that is in the bundle.
    private static ReceiptFile? Find(BundleFolder bundle, string name)
    {
        ReceiptFile? absent = null;
        foreach (ReceiptFile file in bundle.Files())
        {
            if (file.Name != name)
                continue;
            if (file.Output is not null)
                return file;
            absent ??= file;
        }

        return absent;
    }

    private static ReceiptFile? FindEscaped(BundleFolder bundle, string name) =>
        NameChoice.Unescaped(name) is { } exact ? Find(bundle, exact) : null;

    private static CatReport Read(
        BundleFolder bundle,
        ReceiptFile entry,
        Scratch scratch,
        ContentSink sink,
        (long Offset, long Length) part,
        CancellationToken stop)
    {
        long offset = part.Offset;
        long end = part.Length > entry.SizeBytes - offset ? entry.SizeBytes : offset + part.Length;
        // Without them, a raw file is read as one of an older bundle.
        _ = bundle.ReadSegments(entry, scratch).Try(out SegmentDigests? segments, out Damage? segmentsDamage);
        if (bundle.OpenContent(entry, ContentUse.Whole, scratch, segments, stop)
            .Try(out IStoredContent? content, out Damage? damage))
        {
            using (content)
                damage = offset < end ? Read(entry, content, scratch, sink, Extent.Between(offset, end), stop) : null;
        }

        if (damage is not null)
            return new CatReport.Damaged(entry.Output!, damage);
        bool isChecked = entry.Compression == OutputCompression.Lz4
            || segments is not null
            || (entry.Checksum is not null && IsWhole(entry, offset, end));
        return new CatReport.Done(HasMissing(entry, offset, end))
        {
            IsUnchecked = !isChecked && offset < end,
            SegmentsDamage = segmentsDamage,
        };
    }

    private static Damage? Read(
        ReceiptFile entry,
        IStoredContent content,
        Scratch scratch,
        ContentSink sink,
        Extent part,
        CancellationToken stop)
    {
        ContentCheck check = new(content.Flaws);
        for (long segment = SegmentGrid.IndexOf(part.Offset); SegmentGrid.StartOfSegment(segment) < part.End; segment++)
        {
            stop.ThrowIfCancellationRequested();
            if (content.LoadSegment(segment, scratch) is { } damage)
                return damage;
            check.End(segment, segment, scratch.Lease.Digest);
            long start = SegmentGrid.StartOfSegment(segment);
            int from = (int)Math.Max(0, part.Offset - start);
            int to = (int)Math.Min(SegmentGrid.SegmentBytes, part.End - start);
            if (!HandOver(scratch.Lease, from, to, sink))
                return null;
        }

        return IsWhole(entry, part.Offset, part.End) ? check.Conclude(entry)?.First : null;
    }

    /// <summary>The part needs every segment of the file, so all of it is read.</summary>
    private static bool IsWhole(ReceiptFile entry, long offset, long end) =>
        offset < SegmentGrid.SegmentBytes && end > SegmentGrid.StartOfSegment(SegmentGrid.CountOf(entry.SizeBytes) - 1);

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

    // Bytes that the manifest did not ask for are a hole by intent, and not missing.
    private static bool HasMissing(ReceiptFile entry, long offset, long end) =>
        entry.Status == FileStatus.Partial
        && offset < end
        && !entry.Ranges.Any(r => r.Offset <= offset && r.End >= end);

    private static CatReport ReportOf(BundleProblem problem) => problem switch
    {
        BundleProblem.NoBundle none => new CatReport.NoBundle(none.Message),
        BundleProblem.ReceiptDamaged damaged => new CatReport.ReceiptDamaged(damaged.Error),
        BundleProblem.NoMemory memory => new CatReport.NoMemory(memory.Message),
        _ => throw new InvalidOperationException($"No report for {problem.GetType().Name}."),
    };
}
