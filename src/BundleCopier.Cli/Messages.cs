using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Write;

namespace BundleCopier.Cli;

/// <summary>Messages for people, on standard error.</summary>
/// <param name="isQuiet">Only errors are told.</param>
/// <param name="isJson">Errors are also one JSON object on standard output.</param>
internal sealed class Messages(bool isQuiet, bool isJson = false)
{
    private const int MaxFilesTold = 20;
    private const int MaxSkippedTold = 3;

    // More than our own messages have. The error text of a receipt may have 256 KiB.
    private const int MaxReceiptTextChars = 1000;

    // Room for a path, all of it escaped, and a text of a receipt.
    private const int MaxLineChars = 32 * 1024;

    /// <summary>The command's option for the destination; null where it has none.</summary>
    public string? DestinationOption { get; init; }

    /// <summary>The command has an option to replace a bundle, and it is not given.</summary>
    public bool CanReplace { get; init; }

    public int Invalid(InputError error)
    {
        Tell(error.ToString());
        if (isJson)
            ErrorLine.Write(error);
        return ExitCode.Invalid;
    }

    public int Refused(Refusal refusal)
    {
        string message = WithOptions(refusal);
        Tell(message);
        if (isJson)
            ErrorLine.Write(ExitCode.Failed, message, refusal.Code);
        return ExitCode.Failed;
    }

    /// <summary>The message of the engine, which knows no options, with those that this command has.</summary>
    public string WithOptions(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.DestinationMissing or RefusalKind.DestinationUnusable or RefusalKind.DestinationFull
            when DestinationOption is not null => refusal.Message.Replace(
                DestinationRefusals.AnotherDirectory,
                $"{DestinationRefusals.AnotherDirectory} with {DestinationOption}",
                StringComparison.Ordinal),
        RefusalKind.BundleExists when CanReplace => $"{refusal.Message} --replace does that.",
        _ => refusal.Message,
    };

    /// <summary>Says why the command, or its work on one of several bundles, has ended early.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="code">The exit code.</param>
    /// <param name="path">The bundle; null where it is about none.</param>
    /// <returns>The exit code.</returns>
    public int Failed(string message, int code = ExitCode.Failed, string? path = null)
    {
        Tell(message);
        if (isJson)
            ErrorLine.Write(code, message, path: path);
        return code;
    }

    /// <summary>Says that standard output cannot be written.</summary>
    public static int NoOutput(string failure)
    {
        Tell($"standard output cannot be written: {failure}");
        return ExitCode.Failed;
    }

    /// <summary>
    /// Tells of a committed bundle. Where something is missing, the last line says how much, and why.
    /// </summary>
    public void Committed(string path, BundleReceipt receipt, SavedBytes saved)
    {
        if (isQuiet)
            return;
        string inPart = saved.PartFiles > 0 ? $" and {saved.PartFiles} in part" : "";
        double seconds = Math.Max(receipt.Resources.Seconds, 0.001);
        Tell($"{receipt.Status.ToString().ToLowerInvariant()}: {path}");
        long keptBytes = receipt.Resources.KeptBytes ?? 0;
        long writtenBytes = saved.WrittenBytes - keptBytes;
        Tell($"{saved.WholeFiles} of {Count(receipt.Files.Count, "file")}{inPart}, "
            + $"{ByteSize.Format(saved.DataBytes)} of data, {ByteSize.Format(writtenBytes)} written "
            + $"in {seconds:0.0} s ({ByteSize.Format((long)(writtenBytes / seconds))}/s), "
            + $"at most {ByteSize.Format(receipt.Resources.PeakInFlightBytes)} in flight");
        if (receipt.Resumed == true)
            Tell($"resumed: an earlier copy that was killed had written {ByteSize.Format(keptBytes)} of it");
        if (receipt.Resources.DroppedBytes is { } droppedBytes)
            Tell($"{ByteSize.Format(droppedBytes)} that an earlier copy had saved are not in the bundle: "
                + "there was no time to compare them, or their sources could not be opened any more");
        if (receipt.Durability?.Contains(BundleNames.NotPrivate) == true)
            Tell("the mount fixes owner or mode: other users may read the bundle");
        if (receipt.Bystanders?.Canary is { } canary)
            Tell($"canary: write + fdatasync {Felt(canary.Write)}; fork + exec {Felt(canary.ForkExec)}");
        string? name = NameLine.Of(receipt);
        if (saved.WholeFiles == receipt.Files.Count)
        {
            if (name is not null)
                Tell(name);
            return;
        }

        Missing(receipt);
        if (saved.WholeFiles + saved.PartFiles == 0 && name is null)
            Tell($"nothing was saved; remove {Printed(path)} before you copy again under this name");
        Tell(LastSentence.Of(saved, receipt.Missing ?? []) + (name is null ? "" : $"; {name}"));
    }

    /// <summary>Says what was removed after the commit, and what could not be.</summary>
    public void CleanedUp(DestinationCleanup cleanup)
    {
        foreach (RemovedBundle gone in cleanup.Removed)
        {
            string size = gone.SizeBytes is { } bytes ? $", {ByteSize.Format(bytes)}" : "";
            Inform($"removed: {gone.Path} ({CleanupLines.Reason(gone.Reason)}{size})");
        }

        foreach (string warning in cleanup.Warnings)
            Inform(warning);
    }

    /// <summary>Prints a line. If standard error cannot be written, the line is lost and the work goes on.</summary>
    public static void Tell(string line)
    {
        string printed = $"bundlecopy: {Printable.Of(Printable.Shortened(line, MaxLineChars))}";
        StatusLine.Above(() => StandardStreams.WriteErrorLine(printed));
    }

    /// <summary>Prints several lines, separated by line feeds.</summary>
    public static void TellLines(string lines)
    {
        foreach (string line in lines.TrimEnd('\n').Split('\n'))
            Tell(line);
    }

    public void Inform(string line)
    {
        if (!isQuiet)
            Tell(line);
    }

    /// <summary>Prints the damaged places of a file, one on a line.</summary>
    public static void TellDamage(string file, FileDamage damage)
    {
        string name = Printed(file);
        foreach (Damage place in damage.Damages)
            Tell($"damaged: {name}: {Printed(place.Message)}");
        if (damage.MoreCount > 0)
            Tell($"damaged: {name}: and {damage.MoreCount} more segments");
    }

    public static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    /// <summary>What a probe of the canary measured.</summary>
    public static string Felt(ReceiptProbe probe)
    {
        string failed = probe.Error is null ? "" : $" ({probe.Error})";
        return $"p99 {P99(probe.During)}, {P99(probe.Before)} before the copy{failed}";
    }

    private static string P99(ReceiptLatencies? latencies) =>
        latencies is null ? "unknown" : $"{latencies.P99Ms:0.0} ms";

    private static void Missing(BundleReceipt receipt)
    {
        int told = 0;
        int skipped = 0;
        int untold = 0;
        foreach (ReceiptFile file in receipt.Files.Where(f => f.Error is not null))
        {
            // All skipped files have the same cause: a deadline, a signal or a full disk.
            bool isOneOfMany = file.Status == FileStatus.Skipped && skipped++ >= MaxSkippedTold;
            if (told < MaxFilesTold && !isOneOfMany)
            {
                told++;
                string status = file.Status.ToString().ToLowerInvariant();
                Tell($"{status}: {Printed(file.Source)}: {file.Error!.Code}: {Printed(file.Error.Message)}");
            }
            else
            {
                untold++;
            }
        }

        if (untold > 0)
            Tell($"and {untold} more; the receipt names them all");
    }

    /// <summary>A sentence of a receipt, which may be of another user: escaped, and without its middle if it is long.
    /// </summary>
    public static string OfReceipt(string text) => Printable.Of(Printable.Shortened(text, MaxReceiptTextChars));

    /// <summary>Escapes control characters: a file's name may hold sequences that control the terminal.</summary>
    public static string Printed(string text) => Printable.Of(text);
}
