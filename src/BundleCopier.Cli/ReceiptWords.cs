using System.Globalization;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>A part of a receipt in words.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Lines">Its sentences. Texts in them are as the receipt has them, and must be escaped.</param>
internal sealed record WordsPart(string Title, IReadOnlyList<string> Lines);

/// <summary>
/// A receipt in words: what was saved, what is missing, where the time went, what other programs felt. The terminal and
/// the page have the same words.
/// </summary>
internal static class ReceiptWords
{
    public static IEnumerable<WordsPart> Of(BundleSummary bundle)
    {
        yield return new("What was saved", [.. Saved(bundle)]);
        string[] missing = [.. Missing(bundle)];
        if (missing.Length > 0)
            yield return new("What is missing", missing);
        yield return new("Where the time went", [.. Time(bundle)]);
        string[] felt = bundle.Head.Bystanders is { } bystanders ? [.. Felt(bystanders, bundle.Head.Resources)] : [];
        if (felt.Length > 0)
            yield return new("What other programs felt", felt);
        if (bundle.Labels.Count > 0)
        {
            yield return new("Labels", [
                .. bundle.Labels.Select(static label => $"{label.Key}: {label.Value}"),
                .. bundle.MoreLabels == 0 ? (string[])[]
                    : [$"and {bundle.MoreLabels} more; the receipt has them all"]]);
        }
    }

    /// <summary>The first sentence: the status, how much is saved, how much is missing and why.</summary>
    public static string Verdict(BundleSummary bundle)
    {
        string status = bundle.Head.Status.ToString().ToLowerInvariant();
        return bundle.Saved.WholeFiles == bundle.Saved.Files
            ? $"{status}: {ByteSize.Format(bundle.Saved.DataBytes)} saved, every byte of every file"
            : $"{status}: {LastSentence.Of(bundle.Saved, bundle.Head.Missing ?? [])}";
    }

    /// <summary>A time for people.</summary>
    public static string InUtc(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static IEnumerable<string> Saved(BundleSummary bundle)
    {
        BundleReceipt head = bundle.Head;
        SavedBytes saved = bundle.Saved;
        yield return Verdict(bundle);
        yield return $"copied from {InUtc(head.StartedAt)} to {InUtc(head.FinishedAt)} UTC";
        string inPart = saved.PartFiles > 0 ? $", {saved.PartFiles} in part" : "";
        yield return $"{saved.WholeFiles} of {Messages.Count(saved.Files, "file")} whole{inPart}";
        yield return $"{ByteSize.Format(saved.WrittenBytes)} written for {ByteSize.Format(saved.DataBytes)} of data";
        if (bundle.Lz4Files > 0)
        {
            yield return $"{Messages.Count(bundle.Lz4Files, "file")} compressed (lz4): "
                + $"{ByteSize.Format(bundle.Lz4DataBytes)} of data in {ByteSize.Format(bundle.Lz4WrittenBytes)}";
        }

        if (head.Resumed == true)
        {
            yield return "resumed: an earlier copy that was killed had written "
                + ByteSize.Format(head.Resources.KeptBytes ?? 0);
        }

        if (head.Resources.DroppedBytes is { } dropped)
        {
            yield return $"{ByteSize.Format(dropped)} that an earlier copy had saved are not in the bundle: there was "
                + "no time to compare them, or their sources could not be opened any more";
        }

        if (bundle.UnstableFiles > 0)
        {
            yield return $"{Messages.Count(bundle.UnstableFiles, "file")} changed during the copy, or it is not "
                + "certain that they did not";
        }

        if (head.Facts is { Count: > 0 } facts)
        {
            int lost = facts.Count(static fact => fact.Error is not null);
            yield return $"{Messages.Count(facts.Count - lost, "fact")} about processes and the machine"
                + (lost > 0 ? $", {lost} could not be read" : "");
        }

        if (head.Durability?.Contains(BundleNames.NotPrivate) == true)
            yield return "the mount fixes owner or mode: other users may read the bundle";
        if (head.Durability?.Contains(BundleNames.UnsyncedDirectories) == true)
            yield return "the filesystem does not sync directories: a power cut soon after the copy can lose the name";
        if (NameLine.Of(head) is { } name)
            yield return name;
    }

    private static IEnumerable<string> Missing(BundleSummary bundle)
    {
        foreach (ReceiptMissing reason in (bundle.Head.Missing ?? []).Take(SummaryReader.MaxFiles))
        {
            string what = reason.Bytes > 0 ? $"{ByteSize.Format(reason.Bytes)} in " : "";
            yield return $"{what}{Messages.Count(reason.Files, "file")}: {reason.Reason ?? reason.Code}"
                + (reason.Reason is null ? "" : $" ({reason.Code})");
        }

        foreach (ShownFile file in bundle.Incomplete)
        {
            string status = file.Entry.Status.ToString().ToLowerInvariant();
            string why = file.Error is { } error ? $": {error.Code}: {error.Message}" : "";
            yield return $"{status}: {file.Name}{why}";
        }

        int more = bundle.Saved.Files - bundle.Saved.WholeFiles - bundle.Incomplete.Count;
        if (more > 0)
            yield return $"and {more} more; the receipt names them all";
    }

    private static IEnumerable<string> Time(BundleSummary bundle)
    {
        ReceiptResources used = bundle.Head.Resources;
        double seconds = Math.Max(used.Seconds, 0.001);
        string rate = ByteSize.Format((long)Math.Min(long.MaxValue / 2, bundle.Saved.DataBytes / seconds));
        yield return $"{InSeconds(used.Seconds)}, {rate} of data a second";
        if (used.Phases is { } phases)
        {
            yield return $"finding the sources {InSeconds(phases.ListingMs / 1e3)}, preparing the bundle "
                + $"{InSeconds(phases.PreparingMs / 1e3)}, copying {InSeconds(phases.CopyingMs / 1e3)}";
        }

        yield return $"at most {ByteSize.Format(used.PeakInFlightBytes)} in flight, "
            + $"of a budget of {ByteSize.Format(used.BudgetBytes)}";
        if (bundle.Head.Bystanders?.IoStallMs is { } io)
        {
            yield return $"some task waited for a disk in {Percent(Share(io.Some, seconds))} of the time, "
                + "the copy's own writes included";
        }

        if (bundle.Head.Bystanders?.Governor is not { } governor)
            yield break;
        string profile = governor.Profile.ToString().ToLowerInvariant();
        int backOffs = governor.DiskBackOffs + governor.MemoryBackOffs;
        yield return backOffs == 0
            ? $"the governor ({profile}) did not hold the copy back"
            : $"the governor ({profile}) held the copy back {Times(governor.DiskBackOffs)} for the disk and "
                + $"{Times(governor.MemoryBackOffs)} for memory";
        string window = governor.MinWindowBytes == governor.MaxWindowBytes
            ? ByteSize.Format(governor.MaxWindowBytes)
            : $"{ByteSize.Format(governor.MinWindowBytes)} to {ByteSize.Format(governor.MaxWindowBytes)}";
        yield return $"it allowed {window} in flight to the disk"
            + (governor.MinRateBytes is { } least ? $", and {ByteSize.Format(least)} a second at the least" : "");
        if (governor.Starvations > 0)
            yield return $"the copy got too little processor time {Times(governor.Starvations)}";
    }

    private static IEnumerable<string> Felt(ReceiptBystanders felt, ReceiptResources used)
    {
        double seconds = Math.Max(used.Seconds, 0.001);
        if (felt.MemoryStallMs is { } memory)
            yield return $"some task waited for memory in {Percent(Share(memory.Some, seconds))} of the time";
        if (felt.MemAvailableLowBytes is { } available)
            yield return $"at least {ByteSize.Format(available)} of memory stayed available";
        if (felt.DirtyPeakBytes is { } dirty)
            yield return $"at most {ByteSize.Format(dirty)} of the page cache waited to be written";
        if (felt.DestinationCachedBytes is { } cached)
            yield return $"{ByteSize.Format(cached)} of the bundle was in the page cache at the end";
        if (felt.TmpfsGrowthBytes is { } growth)
        {
            string size = ByteSize.Format(growth == long.MinValue ? long.MaxValue : Math.Abs(growth));
            yield return $"shared memory of the machine {(growth < 0 ? "shrank" : "grew")} by {size}";
        }

        yield return $"the copy itself used {ByteSize.Format(felt.PeakRssBytes)} of memory"
            + (felt.MajorFaults > 0 ? $", and waited {Times(felt.MajorFaults)} for a page from a disk" : "");
        if (felt.Canary is { } canary)
        {
            yield return $"canary, write and fdatasync of 4 KiB: {Messages.Felt(canary.Write)}";
            yield return $"canary, start of a program: {Messages.Felt(canary.ForkExec)}";
        }
    }

    private static double Share(double ms, double seconds) => Math.Min(1, ms / 1000 / seconds);

    private static string Times(long count) => count == 1 ? "once" : $"{count} times";

    private static string InSeconds(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
