using System.Diagnostics;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary>Restores bundles one after the other, and tells what became of each.</summary>
/// <param name="request">What to restore.</param>
/// <param name="messages">Messages for people.</param>
internal sealed class ExtractRun(ExtractRequest request, Messages messages)
{
    private const int MaxNotPreservedTold = 20;

    private readonly StandardOutput output = new();
    private readonly BundleTally tally = new();
    private ProblemList problems = new();
    private int toldNotPreserved;

    /// <summary>Restores them.</summary>
    /// <returns>The exit code: the worst of all bundles.</returns>
    public int Run()
    {
        using Signals signals = new();
        // Each bundle makes its own directory, and none above it.
        if (request.IsMany && NoBundles() is > 0 and int code)
            return code;
        bool isNew = !Path.Exists(request.Root);
        if (request.IsMany && MakeRoot() is { } unusable)
            return messages.Failed(unusable);
        int worst = RunAll(signals);
        if (isNew && worst is ExitCode.Failed or ExitCode.Invalid)
            RemoveEmpty(request.Root);
        return worst;
    }

    private int RunAll(Signals signals)
    {
        foreach (ExtractedBundle bundle in request.Bundles)
        {
            bool isNew = request.IsMany && !Path.Exists(bundle.Destination);
            int code = Run(bundle, signals);
            if (isNew && code is ExitCode.Failed or ExitCode.Invalid)
                RemoveEmpty(bundle.Destination);
            tally.Add(code);
            if (code >= ExitCode.SignalBase)
                return code;
        }

        return tally.Finish("restored", messages, output);
    }

    /// <summary>The exit code for a bundle of which each chosen file was tried.</summary>
    public static int CodeOf(ExtractReport.Done done)
    {
        if (done.Count(RestoreKind.Damaged) + done.Count(RestoreKind.Kept) > 0
            || done.FailedFacts.Any(static f => f.IsDamaged))
        {
            return ExitCode.Damaged;
        }

        if (done.Count(RestoreKind.Failed) + done.FailedFacts.Count > 0 || done.SyncProblem is not null)
            return ExitCode.Failed;
        // Also where a file that the bundle has only in part was there already.
        return done.Saved.WholeFiles < done.Saved.Files || done.NotPreserved > 0
            ? ExitCode.Partial
            : ExitCode.Complete;
    }

    // A mistyped name among many bundles shows before hours of work.
    private int NoBundles()
    {
        int code = 0;
        foreach (ExtractedBundle bundle in request.Bundles)
        {
            IoResult found = LinuxKernel.Instance.Look(PathText.Join(bundle.Path, BundleNames.Receipt), out _);
            if (found.Error.Name is "ENOENT" or "ENOTDIR")
            {
                string message = $"{bundle.Path} has no {BundleNames.Receipt}. Name the directory of a bundle.";
                code = messages.Failed(message, ExitCode.Failed, bundle.Path);
            }
        }

        if (code > 0)
            Messages.Tell("nothing was restored");
        return code;
    }

    // What this run has made, where nothing came into it.
    private static void RemoveEmpty(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (Exception error) when (RuntimeFailure.Is(error))
        {
            // It is not empty, or cannot be removed.
        }
    }

    private string? MakeRoot()
    {
        if (!ExtractTarget.Open(LinuxKernel.Instance, request.Root).Try(out ExtractTarget? root, out string? unusable))
            return unusable;
        root.Dispose();
        return null;
    }

    private int Run(ExtractedBundle bundle, Signals signals)
    {
        problems = new ProblemList();
        toldNotPreserved = 0;
        long start = Stopwatch.GetTimestamp();
        ExtractReport report;
        try
        {
            using ReadingLine line = ReadingLine.Start(request.Progress, request.IsQuiet);
            report = new BundleExtractor { Progress = line.Sink }.Extract(
                bundle.Path,
                bundle.Destination,
                request.Names,
                file => Tell(bundle, file),
                request.Options,
                signals.Stop);
        }
        catch (OperationCanceledException)
        {
            return messages.Failed(
                "stopped before everything was restored; files that are there are whole",
                ExitCode.SignalBase + signals.Received,
                bundle.Path);
        }

        switch (report)
        {
            case ExtractReport.NoBundle none:
                return messages.Failed(none.Message, ExitCode.Failed, bundle.Path);
            case ExtractReport.Refused refused:
                return messages.Failed(refused.Message, ExitCode.Failed, bundle.Path);
            case ExtractReport.NoMemory memory:
                return messages.Failed(memory.Message, ExitCode.Failed, bundle.Path);
            case ExtractReport.Invalid invalid:
                int invalidCode = messages.Invalid(invalid.Error);
                // As in "cp A B C DEST".
                if (File.Exists(Path.Combine(request.Root, BundleNames.Receipt)))
                    Messages.Tell("to restore several bundles: bundlecopy extract --to DEST BUNDLE_DIR...");
                return invalidCode;
            case ExtractReport.ReceiptDamaged damaged:
                return messages.Failed(damaged.Error.ToString(), ExitCode.Damaged, bundle.Path);
            case ExtractReport.Done done:
                int code = CodeOf(done);
                Tell(bundle, done);
                if (request.IsJson)
                    ExtractJson.Write(output, bundle, done, code, problems, Stopwatch.GetElapsedTime(start));
                return code;
            default:
                throw new InvalidOperationException($"Extracting cannot end with {report.GetType().Name}.");
        }
    }

    private void Tell(ExtractedBundle bundle, FileRestoration file)
    {
        string inBundle = file.File.Output ?? file.File.Name;
        string name = Messages.Printed(request.IsMany ? PathText.Join(bundle.Path, inBundle) : inBundle);
        string message = Messages.OfReceipt(file.Message);
        switch (file.Kind)
        {
            case RestoreKind.Damaged:
                Messages.TellDamage(name, file.AllDamage!);
                problems.Add(inBundle, file.AllDamage!);
                if (request.Options.KeepDamaged)
                    Messages.Tell($"not kept: {name}: it cannot be told which part of it is right, or no part is");
                break;
            case RestoreKind.Kept:
                Messages.TellDamage(name, file.AllDamage!);
                problems.Add(inBundle, file.AllDamage!);
                long lostBytes = file.AllDamage!.LostBytes;
                long savedBytes = file.File.Ranges.Sum(static range => range.Length);
                Messages.Tell($"kept: {name}: {lostBytes} of {savedBytes} bytes in the bundle are lost, and are holes");
                break;
            case RestoreKind.Failed:
                Messages.Tell($"failed: {name}: {message}");
                problems.Add("failed", inBundle, message);
                break;
            case RestoreKind.Partial:
                messages.Inform($"partial: {name}: the bundle has only a part of it, the rest is a hole: {message}");
                problems.Add("partial", inBundle, message);
                break;
            case RestoreKind.Absent:
                messages.Inform($"not in the bundle: {name}: {message}");
                problems.Add("absent", inBundle, message);
                break;
            case RestoreKind.Unchecked:
                messages.Inform($"cannot tell: {name}: {message}");
                problems.Add("unchecked", inBundle, message);
                break;
            default:
                break;
        }

        if (file.NotPreserved.Count == 0)
            return;
        string lost = Messages.OfReceipt(string.Join("; ", file.NotPreserved));
        problems.Add("notPreserved", inBundle, lost);
        // Each file of another user has the same cause.
        if (toldNotPreserved++ < MaxNotPreservedTold)
            Messages.Tell($"not preserved: {name}: {lost}");
    }

    private void Tell(ExtractedBundle bundle, ExtractReport.Done done)
    {
        int whole = done.Count(RestoreKind.Restored) + done.Count(RestoreKind.Unchecked);
        int kept = done.Count(RestoreKind.Kept);
        int damaged = done.Count(RestoreKind.Damaged) + kept;
        if (toldNotPreserved > MaxNotPreservedTold)
            Messages.Tell($"not preserved: and {toldNotPreserved - MaxNotPreservedTold} more files");
        messages.Inform(
            $"{bundle.Destination}: {Messages.Count(whole, "file")} restored, {done.Count(RestoreKind.Partial)} in "
            + $"part, {done.Count(RestoreKind.Absent)} not in the bundle, {damaged} damaged"
            + $"{(kept > 0 ? $" ({kept} kept)" : "")}, {done.Count(RestoreKind.Failed)} failed"
            + (request.Options.SkipExisting ? $", {done.Count(RestoreKind.Existing)} existing and left alone" : ""));
        if (done.SyncProblem is not null)
            Messages.Tell($"failed: {done.SyncProblem}");
        foreach (FactFailure fact in done.FailedFacts)
        {
            string kind = fact.IsDamaged ? "damaged" : "failed";
            Messages.Tell($"{kind}: {fact.Name}: {fact.Message}");
            problems.Add(kind, fact.Name, fact.Message);
        }

        if (LackOf(done) is { } lack)
            messages.Inform(request.IsMany ? $"{bundle.Destination}: {lack}" : lack);
    }

    /// <summary>
    /// What the bundle lacks, as the last sentence of a run; null where it lacks nothing, or only some files were
    /// chosen.
    /// </summary>
    public static string? LackOf(ExtractReport.Done done) => done.Missing.Count == 0
        ? null
        : Messages.OfReceipt(LastSentence.Of(done.Saved, done.Missing));
}
