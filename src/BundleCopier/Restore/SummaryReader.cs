using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>Reads what people want to know of a bundle, in little memory also where another user made it.</summary>
internal static class SummaryReader
{
    /// <summary>Of so many incomplete files, and of so many others, the names are kept.</summary>
    public const int MaxFiles = 100;

    private const int MaxLabels = 100;
    private const int MaxTextChars = 1000;

    /// <summary>Reads it.</summary>
    /// <param name="kernel">The system.</param>
    /// <param name="path">The bundle's directory.</param>
    /// <param name="withMaps">Also read where the data of each file is.</param>
    /// <param name="stop">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    public static Result<BundleSummary, BundleProblem> Read(
        IMemoryKernel kernel, string path, bool withMaps, CancellationToken stop = default)
    {
        List<(string Key, string Value)> labels = [];
        int moreLabels = 0;
        void TakeLabel(string key, string value)
        {
            if (labels.Count < MaxLabels)
                labels.Add((Short(key), Short(value)));
            else
                moreLabels++;
        }

        if (!BundleFolder.Open(kernel, path, TakeLabel).Try(out BundleFolder? bundle, out BundleProblem? problem))
            return problem;
        using (bundle)
        {
            if (!Scratch.Allocate(kernel).Try(out Scratch? scratch, out Errno error))
                return BundleProblem.OutOfMemory(error);
            using (scratch)
            {
                try
                {
                    return Read(bundle, withMaps ? scratch : null, stop) with
                    {
                        Labels = labels,
                        MoreLabels = moreLabels,
                    };
                }
                catch (ReceiptException e)
                {
                    return new BundleProblem.ReceiptDamaged(e.Error);
                }
            }
        }
    }

    private static BundleSummary Read(BundleFolder bundle, Scratch? forMaps, CancellationToken stop)
    {
        BundleSummary summary = new(bundle.Head, default);
        List<ShownFile> incomplete = [];
        List<ShownFile> whole = [];
        foreach (ReceiptFile file in bundle.Files())
        {
            stop.ThrowIfCancellationRequested();
            bool isLz4 = file.Output is not null && file.Compression == OutputCompression.Lz4;
            SavedBytes lz4 = new(summary.Lz4DataBytes, summary.Lz4WrittenBytes, 0, 0, 0, 0);
            if (isLz4)
                lz4 = lz4.With(file);
            summary = summary with
            {
                Saved = summary.Saved.With(file),
                Lz4Files = summary.Lz4Files + (isLz4 ? 1 : 0),
                Lz4DataBytes = lz4.DataBytes,
                Lz4WrittenBytes = lz4.WrittenBytes,
                UnstableFiles = summary.UnstableFiles + (file.Output is not null && !file.Stable ? 1 : 0),
            };
            List<ShownFile> to = file.Status == FileStatus.Copied ? whole : incomplete;
            if (to.Count < MaxFiles)
                to.Add(Shown(file, forMaps is null ? null : bundle.MapOf(file, forMaps)));
        }

        return summary with
        {
            Saved = summary.Saved.With(bundle.Head.Missing),
            Incomplete = incomplete,
            Whole = whole,
        };
    }

    private static ShownFile Shown(ReceiptFile file, FileMap? map) => new(
        Short(file.Name),
        Short(file.Source),
        new ShownEntry(
            file.Status,
            file.SizeBytes,
            file.DataBytes,
            file.WrittenBytes,
            file.Compression,
            IsOpened: file.SourceMetadata is not null || file.Output is not null))
    {
        Error = file.Error is { } error ? new ReceiptError(Short(error.Code), Short(error.Message)) : null,
        Map = map,
    };

    private static string Short(string text) => Printable.Shortened(text, MaxTextChars);
}
