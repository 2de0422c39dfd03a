using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// Restores the files of a bundle: raw again, holes holes again, around the page cache. A file gets its name when every
/// byte of it has been checked and is on disk; nothing is overwritten and nothing is written outside of the destination.
/// It needs 3 MiB a thread.
/// </summary>
public sealed class BundleExtractor
{
    private readonly IMemoryKernel kernel;
    private readonly int threads;

    /// <summary>Makes an extractor.</summary>
    /// <param name="threads">How many threads read, decompress and write; at least 1.</param>
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

    /// <summary>Restores files. Blocks until it is done.</summary>
    /// <param name="bundlePath">The bundle's directory.</param>
    /// <param name="destination">The directory to restore into; made (0700) when only it is missing.</param>
    /// <param name="names">Which files, by their names in the receipt; all of them when null or empty.</param>
    /// <param name="stop">
    /// Ends it early, with an <see cref="OperationCanceledException"/>: files that are whole by then stay, others are removed.
    /// </param>
    public ExtractReport Extract(
        string bundlePath, string destination, IReadOnlyList<string>? names = null, CancellationToken stop = default)
    {
        using BundleFolder? bundle = BundleFolder.Open(kernel, bundlePath, out BundleProblem? missing);
        if (bundle is null)
        {
            return missing is BundleProblem.ReceiptDamaged damaged
                ? new ExtractReport.ReceiptDamaged(damaged.Error)
                : new ExtractReport.NoBundle(((BundleProblem.NoBundle)missing!).Message);
        }

        IReadOnlyList<int> chosen = NameChoice.Find(bundle.Receipt, names ?? [], out InputError? unknown);
        if (unknown is not null)
            return new ExtractReport.Invalid(unknown);
        using ExtractTarget? target = ExtractTarget.Open(kernel, destination, out string? problem);
        if (target is null)
            return new ExtractReport.Refused(problem!);
        return Occupied(bundle.Receipt, chosen, target) is { } occupied
            ? new ExtractReport.Refused(occupied)
            : Extract(bundle, chosen, target, stop);
    }

    private ExtractReport Extract(BundleFolder bundle, IReadOnlyList<int> chosen, ExtractTarget target, CancellationToken stop)
    {
        FileRestoration?[] results = new FileRestoration?[chosen.Count];
        WorkQueue queue = new(chosen.Count, (at, scratch) => Open(bundle, chosen[at], target, scratch, r => results[at] = r), stop);
        queue.Run(kernel, threads, "extract");
        Errno synced = target.Sync();
        stop.ThrowIfCancellationRequested();
        if (synced.IsError)
        {
            // The content is on disk, the names may not be: nothing that was restored can be relied on.
            string message = RestoredFile.Describe("Its name may not be on disk", synced);
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i]!.Kind is RestoreKind.Restored or RestoreKind.Unchecked or RestoreKind.Partial)
                    results[i] = new FileRestoration(results[i]!.File, RestoreKind.Failed, message);
            }
        }

        return new ExtractReport.Done(bundle.Receipt, results!);
    }

    /// <summary>Refuses before anything is written, so that a mistaken destination is not littered.</summary>
    private static string? Occupied(BundleReceipt receipt, IReadOnlyList<int> chosen, ExtractTarget target)
    {
        foreach (int index in chosen)
        {
            ReceiptFile entry = receipt.Files[index];
            if (entry.Output is null)
                continue;
            Errno error = target.Probe(entry.Name);
            string path = $"{target.Path.TrimEnd('/')}/{entry.Name}";
            if (error.Code == EEXIST)
                return $"{path} exists already, and is not overwritten. Move it away, or name another directory.";
            if (error.Code == ELOOP || error.Code == ENOTDIR)
                return $"{path} cannot be made: a directory above it is a link or no directory. Name another directory.";
            if (error.IsError)
                return $"{path} cannot be made: {error.Name}. Name another directory.";
        }

        return null;
    }

    private static ExtractWork? Open(BundleFolder bundle, int index, ExtractTarget target, Scratch scratch, Action<FileRestoration> tell)
    {
        ReceiptFile entry = bundle.Receipt.Files[index];
        if (entry.Output is null)
        {
            tell(new FileRestoration(entry, RestoreKind.Absent, entry.Error?.Message ?? ""));
            return null;
        }

        // The seek table leads to everything that is needed; what lies between the frames is for those who have none.
        IStoredContent? content = bundle.OpenContent(index, checksGaps: false, scratch, out Damage? damage);
        if (content is null)
        {
            tell(new FileRestoration(entry, RestoreKind.Damaged, damage!.Message) { Damage = damage });
            return null;
        }

        RestoredFile? file = RestoredFile.Create(target, entry.Name, entry.SizeBytes, out string? problem);
        if (file is not null)
            return new ExtractWork(entry, content, file, tell);
        content.Dispose();
        tell(new FileRestoration(entry, RestoreKind.Failed, problem!));
        return null;
    }
}
