using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// Finds the bundles in a directory. It reads each receipt to its end, and holds little of it: of other users'
/// directories, too, it needs at most 1 MiB for a receipt and some KiB for each bundle.
/// </summary>
/// <param name="kernel">The system.</param>
/// <param name="maxBundles">Of more bundles, the newest are returned.</param>
internal sealed class BundleLister(IMemoryKernel kernel, int maxBundles = BundleLister.MaxBundles)
{
    /// <summary>More than a person reads; the memory for them has an end.</summary>
    public const int MaxBundles = 5000;

    private const int MaxReasons = 4;
    private const int MaxTextChars = 300;

    /// <summary>Finds them.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The bundles, or what is wrong with the directory.</returns>
    public Result<BundleListing, string> List(string path, CancellationToken stop = default)
    {
        if (path.Length == 0)
            return "DEST is empty. Name the directory that has the bundles.";
        if (!kernel.OpenDirectory(WorkingDirectory.FullPath(path)).Try(out IDirectory? destination, out Errno error))
            return $"{path} cannot be opened: {error.Name}. Name the directory that has the bundles.";
        using (destination)
        {
            if (destination.Probe(BundleNames.Receipt).IsOk)
                return $"{path} is a bundle itself. Name the directory above it, or run bundlecopy show {path}.";
            PriorityQueue<ListedBundle, DateTimeOffset> newest = new();
            int leftOut = 0;
            int unreadable = 0;
            string? noMemory = null;
            IoResult listed = destination.ForEachName(name =>
            {
                stop.ThrowIfCancellationRequested();
                if (Look(destination, path, name, stop, ref unreadable, ref noMemory) is { } bundle)
                {
                    newest.Enqueue(bundle, bundle.Time ?? DateTimeOffset.MinValue);
                    if (newest.Count > maxBundles)
                    {
                        _ = newest.Dequeue();
                        leftOut++;
                    }
                }

                return noMemory is null;
            });
            if (noMemory is not null)
                return noMemory;
            if (!listed.IsOk)
                return $"{path} cannot be read: {listed.Error.Name}. Check its owner and its disk.";
            ListedBundle[] bundles = [.. newest.UnorderedItems
                .Select(static item => item.Element)
                .OrderBy(static bundle => bundle.Time ?? DateTimeOffset.MinValue)
                .ThenBy(static bundle => bundle.Directory, StringComparer.Ordinal)];
            return new BundleListing(bundles, leftOut, unreadable);
        }
    }

    private ListedBundle? Look(
        IDirectory destination,
        string path,
        string name,
        CancellationToken stop,
        ref int unreadable,
        ref string? noMemory)
    {
        bool mayBePartial = BundleNames.IsPartial(name);
        if (name.StartsWith('.') && !mayBePartial)
            return null;
        if (!destination.OpenDirectory(name).Try(out IDirectory? directory, out Errno error))
        {
            unreadable += error.Code == EACCES || error.Code == EPERM ? 1 : 0;
            return null;
        }

        using (directory)
        {
            if (mayBePartial)
                return IsOfCopy(directory) ? Unfinished(destination, name) : null;
            if (!directory.OpenFile(BundleNames.Receipt).Try(out ISourceFile? file, out error))
            {
                return error.Code == ENOENT ? null
                    : Damaged(destination, name, $"{BundleNames.Receipt} cannot be opened: {error.Name}.");
            }

            if (file.Status(out FileStat status).IsOk && status.Links > 1)
            {
                file.Dispose();
                return Damaged(destination, name, $"{BundleNames.Receipt} has another name beside this one.");
            }

            string where = PathText.Join(PathText.Join(path, name), BundleNames.Receipt);
            if (StoredReceipt.Open(kernel, file, where).Try(out StoredReceipt? receipt, out BundleProblem? problem))
            {
                using (receipt)
                    return Read(destination, name, receipt, stop);
            }

            if (problem is BundleProblem.ReceiptDamaged damaged)
                return Damaged(destination, name, Text(damaged.Error));
            noMemory = (problem as BundleProblem.NoMemory)?.Message ?? "There is not enough memory.";
            return null;
        }
    }

    // Only a copy makes just these. Most directories with such a name are.
    private static bool IsOfCopy(IDirectory directory) =>
        directory.ListOthers(BundleNames.IsMadeByCopy, maxNames: 1).Try(out IReadOnlyList<string>? others, out _)
        && others.Count == 0;

    private static ListedBundle Read(IDirectory destination, string name, StoredReceipt receipt, CancellationToken stop)
    {
        SavedBytes saved = default;
        InputError damage;
        try
        {
            Parsed<BundleReceipt> read = receipt.Check(file =>
            {
                stop.ThrowIfCancellationRequested();
                saved = saved.With(file);
            });
            if (read.IsOk)
                return Finished(name, read.Value, saved.With(read.Value.Missing), Use(destination, name));
            damage = read.Error;
        }
        catch (ReceiptException e)
        {
            damage = e.Error;
        }

        return Damaged(destination, name, Text(damage));
    }

    private static ListedBundle Finished(string name, BundleReceipt head, SavedBytes saved, TreeUse? use)
    {
        IReadOnlyList<ReceiptMissing> missing = head.Missing ?? [];
        return new ListedBundle(name, ListedState.Finished, head.FinishedAt, use?.AllocatedBytes)
        {
            Directory = name,
            Status = head.Status,
            StartedAt = head.StartedAt,
            Saved = saved,
            Missing = [.. missing.Take(MaxReasons).Select(static reason => reason with
            {
                Code = Printable.Shortened(reason.Code, MaxTextChars),
                Reason = reason.Reason is { } text ? Printable.Shortened(text, MaxTextChars) : null,
            })],
            MoreReasons = Math.Max(0, missing.Count - MaxReasons),
        };
    }

    private static ListedBundle Unfinished(IDirectory destination, string name)
    {
        TreeUse? use = Use(destination, name);
        return new ListedBundle(
            BundleNames.BundleOfPartial(name), ListedState.Unfinished, use?.ModifiedAt, use?.AllocatedBytes)
        {
            Directory = name,
        };
    }

    private static ListedBundle Damaged(IDirectory destination, string name, string problem)
    {
        TreeUse? use = Use(destination, name);
        return new ListedBundle(name, ListedState.Damaged, use?.ModifiedAt, use?.AllocatedBytes)
        {
            Directory = name,
            Problem = Printable.Shortened(problem, MaxTextChars),
        };
    }

    // The row has the path already.
    private static string Text(InputError error) => (error with { Where = BundleNames.Receipt }).ToString();

    private static TreeUse? Use(IDirectory destination, string name) =>
        destination.MeasureShallow(name).Try(out TreeUse use, out _) ? use : null;
}
