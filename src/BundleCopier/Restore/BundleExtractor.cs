using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// Restores the files of a bundle: raw, with holes, around the page cache. A file gets its name when every byte of it
/// has been checked and is on disk. Of a damaged file nothing is restored, or only the segments that are right. Nothing
/// is overwritten, and nothing is written outside of the destination. It needs 3 MiB a thread, 1 MiB for the receipt,
/// and the names of the files.
/// </summary>
public sealed class BundleExtractor
{
    private readonly IMemoryKernel kernel;
    private readonly int threads;

    /// <summary>Makes an extractor.</summary>
    /// <param name="threads">How many threads read, decompress and write, the calling one included; at least 1.</param>
    public BundleExtractor(int threads = 2)
        : this(LinuxKernel.Instance, threads)
    {
    }

    internal BundleExtractor(IMemoryKernel kernel, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.kernel = kernel;
        this.threads = threads;
    }

    /// <summary>
    /// Gets how far it is, a few times a second, one call at a time, on the threads that restore; must not block. Null
    /// for nothing.
    /// </summary>
    public IProgress<RestoreProgress>? Progress { get; init; }

    /// <summary>Restores files. Blocks until it is done.</summary>
    /// <param name="bundlePath">The bundle's directory.</param>
    /// <param name="destination">The directory to restore into; made (0700) when only it is missing.</param>
    /// <param name="names">
    /// Which files, by their names, exact or in the escaped spelling of the receipt, or directories, or patterns in
    /// the last component; all of them when null or empty.
    /// </param>
    /// <param name="tell">
    /// Gets what became of each file as soon as it is known, nearly in the order of the receipt. Called from any of the
    /// threads, one call at a time.
    /// </param>
    /// <param name="options">How they are restored; null for the usual way.</param>
    /// <param name="stop">
    /// Ends it early, with an <see cref="OperationCanceledException"/>: files that are whole by then stay, others are
    /// removed.
    /// </param>
    public ExtractReport Extract(
        string bundlePath,
        string destination,
        IReadOnlyList<string>? names = null,
        Action<FileRestoration>? tell = null,
        ExtractOptions? options = null,
        CancellationToken stop = default)
    {
        if (!BundleFolder.Open(kernel, bundlePath).Try(out BundleFolder? bundle, out BundleProblem? problem))
            return ReportOf(problem);
        using (bundle)
        {
            try
            {
                return Extract(bundle, destination, names ?? [], tell, options ?? new ExtractOptions(), stop);
            }
            catch (ReceiptException e)
            {
                return new ExtractReport.ReceiptDamaged(e.Error);
            }
        }
    }

    /// <summary>As <see cref="Extract(string, string, IReadOnlyList{string}, Action{FileRestoration}, ExtractOptions,
    /// CancellationToken)"/>, without blocking.</summary>
    /// <param name="bundlePath">The bundle's directory.</param>
    /// <param name="destination">The directory to restore into.</param>
    /// <param name="names">Which files; all of them when null or empty.</param>
    /// <param name="progress">
    /// Gets what became of each file as soon as it is known, one call at a time, on the threads that restore; must not
    /// block.
    /// </param>
    /// <param name="options">How they are restored; null for the usual way.</param>
    /// <param name="stop">Ends it early; the task is cancelled. Files that are whole by then stay.</param>
    public Task<ExtractReport> ExtractAsync(
        string bundlePath,
        string destination,
        IReadOnlyList<string>? names = null,
        IProgress<FileRestoration>? progress = null,
        ExtractOptions? options = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(bundlePath);
        ArgumentNullException.ThrowIfNull(destination);
        return OwnThread.Run(
            () => Extract(
                bundlePath, destination, names, progress is null ? null : progress.Report, options, stop),
            stop);
    }

    private ExtractReport Extract(
        BundleFolder bundle,
        string destination,
        IReadOnlyList<string> names,
        Action<FileRestoration>? tell,
        ExtractOptions options,
        CancellationToken stop)
    {
        Parsed<NameChoice> choice = NameChoice.Of(bundle, names);
        if (!choice.IsOk)
            return new ExtractReport.Invalid(choice.Error);
        if (!ExtractTarget.Open(kernel, destination).Try(out ExtractTarget? target, out string? unusable))
            return new ExtractReport.Refused(unusable);
        using (target)
        {
            // Before anything is written, so that a wrong destination stays as it is.
            SavedBytes chosen = default;
            foreach (ReceiptFile entry in choice.Value.In(bundle))
            {
                if (Obstacle(entry, target, options) is { } obstacle)
                    return new ExtractReport.Refused(obstacle);
                chosen = chosen.With(entry);
            }

            if (choice.Value.IsAll)
                chosen = bundle.Saved;
            return Extract(bundle, choice.Value, chosen, target, tell, options, stop);
        }
    }

    private ExtractReport Extract(
        BundleFolder bundle,
        NameChoice choice,
        SavedBytes chosen,
        ExtractTarget target,
        Action<FileRestoration>? tell,
        ExtractOptions options,
        CancellationToken stop)
    {
        int notPreserved = 0;
        Tally<FileRestoration, RestoreKind> restorations = new(static r => r.Kind, restoration =>
        {
            notPreserved += restoration.NotPreserved.Count > 0 ? 1 : 0;
            tell?.Invoke(restoration);
        });
        using IEnumerator<ReceiptFile> files = choice.In(bundle).GetEnumerator();
        ReadMeter meter = new(Progress, chosen.Files, chosen.WrittenBytes);
        Opening opening = new(bundle, target, options, restorations.Add, stop);
        WorkQueue queue = new(
            scratch => files.MoveNext() ? Open(files.Current, scratch, opening, meter.Begin(files.Current)) : null,
            stop);
        if (queue.Run(kernel, threads, "extract") is { IsOk: false } failed)
            return ReportOf(BundleProblem.OutOfMemory(failed.Error));
        // A user that names files wants only them.
        FactExtractor facts = new(bundle, target, options.SkipExisting);
        if (choice.IsAll && bundle.Facts.Count > 0)
        {
            if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
                return ReportOf(BundleProblem.OutOfMemory(error));
            using (scratch)
                facts.Run(scratch);
        }

        IoResult synced = target.Sync();
        stop.ThrowIfCancellationRequested();
        string? syncProblem = synced.IsOk
            ? null
            : RestoredFile.Describe("The names of restored files may not be on disk", synced.Error);
        return new ExtractReport.Done(restorations.Counts, syncProblem)
        {
            FailedFacts = facts.Failed,
            ExistingFacts = facts.Existing,
            NotPreserved = notPreserved,
            Bundle = bundle.Head.Bundle,
            Saved = chosen,
            Missing = choice.IsAll ? bundle.Head.Missing ?? [] : [],
        };
    }

    // Why a file cannot be made; null when it can.
    private static string? Obstacle(ReceiptFile entry, ExtractTarget target, ExtractOptions options)
    {
        if (entry.Output is null)
            return null;
        Errno error = target.CheckFree(entry.Name).Error;
        string path = PathText.Join(target.Path, entry.Name);
        if (error.Code == EEXIST)
        {
            return options.SkipExisting
                ? null
                : $"{path} exists already, and is not overwritten. Move it away, or name another directory.";
        }

        if (error.Code == ELOOP || error.Code == ENOTDIR)
        {
            return $"{path} cannot be made: a directory above it is a link or not a directory. "
                + "Name another directory.";
        }

        // The filesystem refuses the name (EILSEQ, EINVAL), or it is too long there. That costs this file alone.
        return error.IsError && !IsOfName(error)
            ? $"{path} cannot be made: {error.Name}. Name another directory."
            : null;
    }

    private static bool IsOfName(Errno error) =>
        error.Code == EILSEQ || error.Code == EINVAL || error.Code == ENAMETOOLONG;

    private static IFileWork Open(ReceiptFile entry, Scratch scratch, Opening opening, FileMeter meter)
    {
        if (entry.Output is null)
            return Known(new FileRestoration(entry, RestoreKind.Absent, entry.Error?.Message ?? ""));
        if (opening.Options.SkipExisting && opening.Target.CheckFree(entry.Name).Error.Code == EEXIST)
            return Known(new FileRestoration(entry, RestoreKind.Existing, "It exists already, and is left as it is."));
        // Hashes of segments that cannot be read are for verify to tell: a file that is whole does not need them.
        _ = opening.Bundle.ReadSegments(entry, scratch).Try(out SegmentDigests? segments, out _);
        // The seek table leads to every frame. What lies between the frames is only for readers without it.
        ContentUse use = opening.Options.KeepDamaged ? ContentUse.Salvage : ContentUse.Whole;
        if (!opening.Bundle.OpenContent(entry, use, scratch, segments, opening.Stop)
            .Try(out IStoredContent? content, out Damage? damage))
        {
            return Known(ExtractWork.Damaged(entry, FileDamage.Of(damage)));
        }

        if (RestoredFile.Create(opening.Target, entry.Name, entry.SizeBytes)
            .Try(out RestoredFile? file, out string? problem))
        {
            return new ExtractWork(entry, content, file, opening.Options, meter, opening.Tell);
        }

        content.Dispose();
        return Known(new FileRestoration(entry, RestoreKind.Failed, problem));

        KnownOutcome Known(FileRestoration restoration) => new(() =>
        {
            meter.End();
            opening.Tell(restoration);
        });
    }

    private static ExtractReport ReportOf(BundleProblem problem) => problem switch
    {
        BundleProblem.NoBundle none => new ExtractReport.NoBundle(none.Message),
        BundleProblem.ReceiptDamaged damaged => new ExtractReport.ReceiptDamaged(damaged.Error),
        BundleProblem.NoMemory memory => new ExtractReport.NoMemory(memory.Message),
        _ => throw new InvalidOperationException($"No report for {problem.GetType().Name}."),
    };

    /// <summary>What is needed to open each file.</summary>
    private sealed record Opening(
        BundleFolder Bundle,
        ExtractTarget Target,
        ExtractOptions Options,
        Action<FileRestoration> Tell,
        CancellationToken Stop);
}
