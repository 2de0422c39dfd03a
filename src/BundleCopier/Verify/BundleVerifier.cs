using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Verify;

/// <summary>
/// Reads a bundle back, around the page cache, and compares it with its receipt: for raw files every byte of the
/// content, for compressed files every byte of the stream. It needs 3 MiB a thread, 1 MiB for the receipt, and the
/// names of the files.
/// </summary>
public sealed class BundleVerifier
{
    private readonly IMemoryKernel kernel;
    private readonly int threads;

    /// <summary>Makes a verifier.</summary>
    /// <param name="threads">How many threads read and hash, the calling one included; at least 1.</param>
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

    /// <summary>
    /// Gets how far it is, a few times a second, one call at a time, on the threads that read; must not block. Null for
    /// nothing.
    /// </summary>
    public IProgress<RestoreProgress>? Progress { get; init; }

    /// <summary>Verifies one bundle. Blocks until every file has been read.</summary>
    /// <param name="path">The bundle's directory.</param>
    /// <param name="tell">
    /// Gets the verdict on each file as soon as it is known, nearly in the order of the receipt. Called from any of the
    /// threads, one call at a time.
    /// </param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public VerifyReport Verify(string path, Action<FileVerdict>? tell = null, CancellationToken stop = default)
    {
        if (!BundleFolder.Open(kernel, path).Try(out BundleFolder? bundle, out BundleProblem? problem))
            return ReportOf(problem);
        using (bundle)
        {
            if (!FindDamagedFacts(bundle).Try(out IReadOnlyList<FactDamage>? facts, out Errno error))
                return ReportOf(BundleProblem.OutOfMemory(error));
            VerifyReport report = Verify(bundle, tell, stop);
            return report is VerifyReport.Done done ? done with { DamagedFacts = facts } : report;
        }
    }

    /// <summary>As <see cref="Verify(string, Action{FileVerdict}, CancellationToken)"/>, without blocking.</summary>
    /// <param name="path">The bundle's directory.</param>
    /// <param name="progress">
    /// Gets the verdict on each file as soon as it is known, one call at a time, on the threads that read; must not
    /// block.
    /// </param>
    /// <param name="stop">Ends it early; the task is cancelled.</param>
    public Task<VerifyReport> VerifyAsync(
        string path,
        IProgress<FileVerdict>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return OwnThread.Run(() => Verify(path, progress is null ? null : progress.Report, stop), stop);
    }

    private IoResult<IReadOnlyList<FactDamage>> FindDamagedFacts(BundleFolder bundle)
    {
        List<FactDamage> damaged = [];
        if (bundle.Facts.Count == 0)
            return IoResult<IReadOnlyList<FactDamage>>.Ok(damaged);
        if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
            return IoResult<IReadOnlyList<FactDamage>>.Failed(error);
        using (scratch)
        {
            foreach (ReceiptFact fact in bundle.Facts)
            {
                if (bundle.ReadFact(fact, scratch) is { } problem)
                    damaged.Add(new FactDamage(fact.Name, problem));
            }
        }

        return IoResult<IReadOnlyList<FactDamage>>.Ok(damaged);
    }

    private VerifyReport Verify(BundleFolder bundle, Action<FileVerdict>? tell, CancellationToken stop)
    {
        int partialFiles = 0;
        int damagedSegmentChecksums = 0;
        Tally<FileVerdict, VerdictKind> verdicts = new(static v => v.Kind, verdict =>
        {
            partialFiles += verdict.File.Status == FileStatus.Partial ? 1 : 0;
            damagedSegmentChecksums += verdict.SegmentsDamage is null ? 0 : 1;
            tell?.Invoke(verdict);
        });
        ReadMeter meter = new(Progress, bundle.Saved.Files, bundle.Saved.WrittenBytes);
        try
        {
            using IEnumerator<ReceiptFile> files = bundle.Files().GetEnumerator();
            WorkQueue queue = new(
                scratch => files.MoveNext() ? Open(bundle, files.Current, scratch, Begin(files.Current), stop) : null,
                stop);
            if (queue.Run(kernel, threads, "verify") is { IsOk: false } failed)
                return ReportOf(BundleProblem.OutOfMemory(failed.Error));
            stop.ThrowIfCancellationRequested();
            return new VerifyReport.Done(bundle.CopyStatus, partialFiles, verdicts.Counts)
            {
                DamagedSegmentChecksums = damagedSegmentChecksums,
                Bundle = bundle.Head.Bundle,
                Saved = bundle.Saved,
                Missing = bundle.Head.Missing ?? [],
            };
        }
        catch (ReceiptException e)
        {
            return new VerifyReport.ReceiptDamaged(e.Error);
        }

        Reading Begin(ReceiptFile entry) => new(meter.Begin(entry), verdicts.Add);
    }

    private static IFileWork Open(
        BundleFolder bundle, ReceiptFile entry, Scratch scratch, Reading reading, CancellationToken stop)
    {
        if (entry.Output is null)
            return Known(new FileVerdict(entry, VerdictKind.Absent, entry.Error?.Message ?? ""));
        _ = bundle.ReadSegments(entry, scratch).Try(out SegmentDigests? segments, out Damage? segmentsDamage);
        if (!bundle.OpenContent(entry, ContentUse.Verify, scratch, segments, stop)
            .Try(out IStoredContent? content, out Damage? damage))
        {
            return Known(FileVerdict.Of(entry, FileDamage.Of(damage)) with { SegmentsDamage = segmentsDamage });
        }

        // The frames of a compressed file carry checksums of their own.
        if (entry.Checksum is not null || entry.Compression == OutputCompression.Lz4)
            return new VerifyWork(entry, content, segmentsDamage, reading.Meter, reading.Tell);
        content.Dispose();
        return Known(new FileVerdict(
            entry, VerdictKind.Unknown, "It was copied without a checksum, so its content cannot be checked."));

        KnownOutcome Known(FileVerdict verdict) => new(() =>
        {
            reading.Meter.End();
            reading.Tell(verdict);
        });
    }

    private static VerifyReport ReportOf(BundleProblem problem) => problem switch
    {
        BundleProblem.NoBundle none => new VerifyReport.NoBundle(none.Message),
        BundleProblem.ReceiptDamaged damaged => new VerifyReport.ReceiptDamaged(damaged.Error),
        BundleProblem.NoMemory memory => new VerifyReport.NoMemory(memory.Message),
        _ => throw new InvalidOperationException($"No report for {problem.GetType().Name}."),
    };

    /// <summary>Where it goes what is found out about one file.</summary>
    private sealed record Reading(FileMeter Meter, Action<FileVerdict> Tell);
}
