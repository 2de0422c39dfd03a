using System.CommandLine;
using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy extract</c>: restores files from a bundle.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        Argument<string> bundle = new("BUNDLE_DIR") { Description = "The bundle's directory." };
        Argument<string> destination = new("DEST")
        {
            Description = "The directory to restore into; it is created if its parent exists.",
        };
        Argument<string[]> names = new("NAME")
        {
            Description = "Which files, by their names in the receipt. [default: all]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> keepDamaged = new("--keep-damaged")
        {
            Description = "Also restore damaged files, without their damaged parts: those become holes.",
        };
        Option<bool> quiet = new("--quiet") { Description = "Print errors only." };
        const string what =
            "Restore files, decompressed, with holes. Nothing is overwritten; modes and owners are not restored.";
        Command command = new("extract", what) { bundle, destination, names, keepDamaged, quiet };
        command.SetAction(parsed => Run(
            parsed.GetValue(bundle)!,
            parsed.GetValue(destination)!,
            parsed.GetValue(names) ?? [],
            parsed.GetValue(keepDamaged),
            new Messages(parsed.GetValue(quiet))));
        return command;
    }

    private static int Run(
        string bundle, string destination, string[] names, bool keepDamaged, Messages messages)
    {
        ProgramSandbox.EnterForExtract(bundle, destination);
        using Signals signals = new();
        try
        {
            ExtractReport report = new BundleExtractor().Extract(
                bundle, destination, names, file => Tell(file, keepDamaged, messages), keepDamaged, signals.Stop);
            return Tell(destination, report, messages);
        }
        catch (OperationCanceledException)
        {
            Messages.Tell("stopped before everything was restored; files that are there are whole");
            return ExitCode.SignalBase + signals.Received;
        }
    }

    private static int Tell(string destination, ExtractReport report, Messages messages)
    {
        switch (report)
        {
            case ExtractReport.NoBundle none:
                Messages.Tell(none.Message);
                return ExitCode.Failed;
            case ExtractReport.Refused refused:
                Messages.Tell(refused.Message);
                return ExitCode.Failed;
            case ExtractReport.NoMemory memory:
                Messages.Tell(memory.Message);
                return ExitCode.Failed;
            case ExtractReport.Invalid invalid:
                return messages.Invalid(invalid.Error);
            case ExtractReport.ReceiptDamaged damaged:
                Messages.Tell(damaged.Error.ToString());
                return ExitCode.Damaged;
            case ExtractReport.Done done:
                return Tell(destination, done, messages);
            default:
                throw new InvalidOperationException($"Extracting cannot end with {report.GetType().Name}.");
        }
    }

    private static void Tell(FileRestoration file, bool keepDamaged, Messages messages)
    {
        string name = Messages.Printed(file.File.Output ?? file.File.Name);
        string message = Messages.OfReceipt(file.Message);
        switch (file.Kind)
        {
            case RestoreKind.Damaged:
                Messages.TellDamage(file.File.Output!, file.AllDamage!);
                if (keepDamaged)
                    Messages.Tell($"not kept: {name}: it cannot be told which part of it is right, or no part is");
                break;
            case RestoreKind.Kept:
                Messages.TellDamage(file.File.Output!, file.AllDamage!);
                long lostBytes = file.AllDamage!.LostBytes;
                long savedBytes = file.File.Ranges.Sum(static range => range.Length);
                Messages.Tell($"kept: {name}: {lostBytes} of {savedBytes} bytes in the bundle are lost, and are holes");
                break;
            case RestoreKind.Failed:
                Messages.Tell($"failed: {name}: {message}");
                break;
            case RestoreKind.Partial:
                messages.Inform($"partial: {name}: the bundle has only a part of it, the rest is a hole: {message}");
                break;
            case RestoreKind.Absent:
                messages.Inform($"not in the bundle: {name}: {message}");
                break;
            case RestoreKind.Unchecked:
                messages.Inform($"cannot tell: {name}: {message}");
                break;
            default:
                break;
        }
    }

    private static int Tell(string destination, ExtractReport.Done done, Messages messages)
    {
        int whole = done.Count(RestoreKind.Restored) + done.Count(RestoreKind.Unchecked);
        int partial = done.Count(RestoreKind.Partial);
        int absent = done.Count(RestoreKind.Absent);
        int kept = done.Count(RestoreKind.Kept);
        int damaged = done.Count(RestoreKind.Damaged) + kept;
        int failed = done.Count(RestoreKind.Failed);
        messages.Inform(
            $"{destination}: {Messages.Count(whole, "file")} restored, {partial} in part, {absent} not in the bundle, "
            + $"{damaged} damaged{(kept > 0 ? $" ({kept} kept)" : "")}, {failed} failed");
        if (done.SyncProblem is not null)
            Messages.Tell($"failed: {done.SyncProblem}");
        foreach (FactFailure fact in done.FailedFacts)
            Messages.Tell($"{(fact.IsDamaged ? "damaged" : "failed")}: {fact.Name}: {fact.Message}");
        if (damaged > 0 || done.FailedFacts.Any(static f => f.IsDamaged))
            return ExitCode.Damaged;
        if (failed + done.FailedFacts.Count > 0 || done.SyncProblem is not null)
            return ExitCode.Failed;
        return partial + absent > 0 ? ExitCode.Partial : ExitCode.Complete;
    }
}
