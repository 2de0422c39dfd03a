using System.Runtime.InteropServices;
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

/// <summary>What a copy would do, found out without leaving anything behind.</summary>
/// <param name="Files">What would become of each file, in the order in which they would be saved.</param>
/// <param name="Io">How the destination would be written.</param>
/// <param name="FreeBytes">Room at the destination; null where the filesystem does not tell.</param>
public sealed record CopyPreview(IReadOnlyList<CopyPreview.PlannedCopy> Files, OutputIo Io, long? FreeBytes)
{
    /// <summary>Room that the copy needs at most, in bytes.</summary>
    public long NeededBytes => Files.Sum(static f => f.NeededBytes);

    /// <summary>What would become of one file.</summary>
    /// <param name="Source">Where it is.</param>
    /// <param name="Name">Its path below <c>files/</c>.</param>
    /// <param name="SizeBytes">Its size.</param>
    /// <param name="DataBytes">How much of what is wanted is data.</param>
    /// <param name="NeededBytes">Room that it would take at most.</param>
    /// <param name="Compression">
    /// How it would be stored; what compression would not serve is stored as it is, whatever was asked for.
    /// </param>
    /// <param name="ReadMode">How its bytes would travel.</param>
    /// <param name="Error">Why it would not be copied; null where it would.</param>
    public sealed record PlannedCopy(
        string Source, string Name, long SizeBytes, long DataBytes, long NeededBytes, Compression Compression, ReadMode? ReadMode, ReceiptError? Error)
    {
        /// <summary>How much of the file is holes, or not wanted.</summary>
        public long HoleBytes => SizeBytes - DataBytes;

        /// <summary>
        /// It would become an LZ4 stream, which cannot leave holes out: where most of a file is holes, that may take
        /// more room than its data.
        /// </summary>
        internal bool IsPackedSparse => Compression != Compression.None && HoleBytes > DataBytes;
    }

    /// <summary>How a preview ended: there is one, or a reason why the copy would not even begin.</summary>
    /// <param name="Preview">The preview; null where there is a refusal or an error.</param>
    /// <param name="Refusal">Why there would be no bundle.</param>
    /// <param name="Error">What is wrong with the manifest.</param>
    public sealed record Outcome(CopyPreview? Preview, Refusal? Refusal, InputError? Error);

    /// <summary>
    /// Finds out what a copy would do. Blocks while it looks at every file. At the destination it makes no names and
    /// changes no files; what can be written there it tries on a file without a name.
    /// </summary>
    /// <param name="manifest">What to copy; its destination must be set.</param>
    /// <param name="settings">How.</param>
    public static Outcome Of(BundleManifest manifest, CopySettings settings) =>
        Of(manifest, settings, LinuxKernel.Instance);

    internal static Outcome Of(BundleManifest manifest, CopySettings settings, IKernel kernel)
    {
        Parsed<SourceListing> listing = SourceListing.Of(manifest, kernel);
        if (!listing.IsOk)
            return new Outcome(null, null, listing.Error);
        // What is written once, where somebody insists on a way of writing.
        byte[] room = GC.AllocateArray<byte>(2 * Alignment.Bytes, pinned: true);
        nint block = (nint)Alignment.Up(Marshal.UnsafeAddrOfPinnedArrayElement(room, 0));
        (OutputIo Io, long? FreeBytes)? destination = BundleDirectory.Look(
            kernel, manifest.Destination!, manifest.Bundle, settings.WriterIo, listing.Value.ReceiptBytes, block, out Refusal? refusal);
        GC.KeepAlive(room);
        if (destination is not { } found)
            return new Outcome(null, refusal, null);

        using SourceScout scout = new(kernel, settings);
        PlannedCopy[] files = [.. Enumerable.Range(0, listing.Value.Count).Select(i => Look(scout, listing.Value[i]))];
        return new Outcome(new CopyPreview(files, found.Io, found.FreeBytes), null, null);
    }

    private static PlannedCopy Look(SourceScout scout, SourceListing.Entry entry)
    {
        Fault? fault = entry.Fault;
        OpenedSource? source = fault is null ? scout.Open(entry.File, out fault) : null;
        if (source is null)
            return new PlannedCopy(
                entry.File.Source, entry.File.Name, 0, 0, 0, Compression.None, null, new ReceiptError(
                fault!.Code, fault.Message));

        long dataBytes = 0;
        long at = 0;
        Extent known = default;
        CompressedSize packed = new();
        while (ExtentWalk.Next(source.Source, source.Ranges, at, long.MaxValue, ref known, out _) is { } extent)
        {
            dataBytes += extent.Length;
            packed.Add(extent);
            at = extent.End;
        }

        long neededBytes = source.IsCompressed ? packed.MaxBytes(source.Status.SizeBytes) : Alignment.Up(dataBytes);
        PlannedCopy planned = new(
            entry.File.Source, entry.File.Name, source.Status.SizeBytes, dataBytes, neededBytes, source.Compression, source.ReadMode, null);
        scout.Release(source, out _);
        return planned;
    }
}
