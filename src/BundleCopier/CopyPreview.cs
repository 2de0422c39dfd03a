using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Write;

namespace BundleCopier;

/// <summary>What a copy would do. Making a preview leaves nothing behind.</summary>
/// <param name="Files">What would become of each file, in the order of copying.</param>
/// <param name="Io">How the destination would be written.</param>
/// <param name="FreeBytes">The free space at the destination; null when the filesystem does not tell.</param>
public sealed record CopyPreview(IReadOnlyList<CopyPreview.PlannedCopy> Files, OutputIo Io, long? FreeBytes)
{
    /// <summary>The space that the copy needs at most, in bytes.</summary>
    public long NeededBytes => Files.Sum(static f => f.NeededBytes);

    /// <summary>A bundle of this name is there, and would be replaced.</summary>
    public bool IsReplacing { get; init; }

    /// <summary>Another user has the name of the bundle, so it would get another one, such as <c>NAME.1</c>.</summary>
    public bool IsNameTaken { get; init; }

    /// <summary>What would become of one file.</summary>
    /// <param name="Source">The path of the source.</param>
    /// <param name="Name">The path below <c>files/</c>.</param>
    /// <param name="SizeBytes">The size of the source.</param>
    /// <param name="DataBytes">How many of the wanted bytes are data.</param>
    /// <param name="NeededBytes">The space that it would take at most.</param>
    /// <param name="Compression">
    /// How it would be stored. A file that compression would not make smaller is stored raw, whatever was asked for.
    /// </param>
    /// <param name="ReadMode">How its bytes would travel.</param>
    /// <param name="Error">Why it would not be copied; null when it would.</param>
    public sealed record PlannedCopy(
        string Source,
        string Name,
        long SizeBytes,
        long DataBytes,
        long NeededBytes,
        Compression Compression,
        ReadMode? ReadMode,
        ReceiptError? Error)
    {
        /// <summary>How many bytes are in holes, or not wanted.</summary>
        public long HoleBytes => SizeBytes - DataBytes;

        /// <summary>
        /// It is mostly holes, and would become an LZ4 stream. Such a stream stores holes too, so it may need more
        /// space than the data.
        /// </summary>
        internal bool IsCompressedSparse => Compression != Compression.None && HoleBytes > DataBytes;
    }

    /// <summary>A preview, or the reason why the copy would not begin. Exactly one of the three is not null.</summary>
    /// <param name="Preview">The preview.</param>
    /// <param name="Refusal">Why there would be no bundle.</param>
    /// <param name="Error">What is wrong with the manifest.</param>
    public sealed record Outcome(CopyPreview? Preview, Refusal? Refusal, InputError? Error);

    /// <summary>
    /// Finds out what a copy would do. Opens every source, and blocks meanwhile. In the destination it makes only a
    /// file without a name (O_TMPFILE), to try how it can be written.
    /// </summary>
    /// <param name="manifest">What to copy; its destination must be set.</param>
    /// <param name="settings">How to copy.</param>
    public static Outcome Of(BundleManifest manifest, CopySettings settings) =>
        Of(manifest, settings, LinuxKernel.Instance);

    /// <summary>As <see cref="Of(BundleManifest, CopySettings)"/>, on a thread of its own.</summary>
    /// <param name="manifest">What to copy; its destination must be set.</param>
    /// <param name="settings">How to copy.</param>
    /// <param name="progress">Gets each file as soon as it has been looked at, on that thread; must not block.</param>
    /// <param name="stop">
    /// Ends it between two files; the task is cancelled. A source that hangs is waited for.
    /// </param>
    public static Task<Outcome> OfAsync(
        BundleManifest manifest,
        CopySettings settings,
        IProgress<PlannedCopy>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        return OwnThread.Run(() => Of(manifest, settings, LinuxKernel.Instance, progress, stop), stop);
    }

    internal static Outcome Of(
        BundleManifest manifest,
        CopySettings settings,
        IKernel kernel,
        IProgress<PlannedCopy>? progress = null,
        CancellationToken stop = default)
    {
        using SourceScout scout = new(kernel, settings);
        Parsed<SourceListing> listing = SourceListing.Of(manifest, kernel, settings, processes: scout.Processes);
        if (!listing.IsOk)
            return new Outcome(null, null, listing.Error);
        Result<DestinationFacts, Refusal> destination =
            DestinationCheck.Run(kernel, BundlePlace.Of(manifest, settings, listing.Value, block: 0));
        if (!destination.Try(out DestinationFacts? found, out Refusal? refusal))
            return new Outcome(null, refusal, null);

        SourceListing sources = found.CutReceiptBytes is { } receiptBytes
            ? listing.Value.Within(receiptBytes)
            : listing.Value;
        PlannedCopy[] files = new PlannedCopy[sources.Count];
        for (int i = 0; i < files.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            files[i] = Look(scout, sources[i]);
            progress?.Report(files[i]);
        }

        CopyPreview preview = new(files, found.Io, found.FreeBytes)
        {
            IsReplacing = found.HasBundle,
            IsNameTaken = found.IsNameTaken,
        };
        return new Outcome(preview, null, null);
    }

    private static PlannedCopy Look(SourceScout scout, SourceListing.Entry entry)
    {
        // What a stream has shows only when it is read.
        if (entry is { Fault: null, File: { Stream: not null } stream })
        {
            return new PlannedCopy(
                stream.Source, stream.Name, 0, 0, 0, stream.Compression ?? Compression.None, ReadMode.Slab, null);
        }

        Result<OpenedSource, Fault> opened = entry.Fault is null ? scout.Open(entry.File) : entry.Fault;
        if (!opened.Try(out OpenedSource? source, out Fault? fault))
        {
            ReceiptError error = new(fault.Code, fault.Message);
            return new PlannedCopy(entry.File.Source, entry.File.Name, 0, 0, 0, Compression.None, null, error);
        }

        long dataBytes = 0;
        long at = 0;
        Extent known = default;
        CompressedSize compressed = new();
        while (ExtentWalk.Next(source.Source, source.Ranges, at, long.MaxValue, ref known).Value is { } extent)
        {
            dataBytes += extent.Length;
            compressed.Add(extent);
            at = extent.End;
        }

        PlannedCopy planned = new(
            entry.File.Source,
            entry.File.Name,
            source.Status.SizeBytes,
            dataBytes,
            source.IsCompressed ? compressed.MaxBytes(source.Status.SizeBytes) : Alignment.Up(dataBytes),
            source.Compression,
            source.ReadMode,
            null);
        _ = scout.Release(source);
        return planned;
    }
}
