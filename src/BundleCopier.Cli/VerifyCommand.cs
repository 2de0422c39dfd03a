using System.CommandLine;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Verify;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy verify</c>: reads a bundle back and compares it with its receipt.</summary>
internal static class VerifyCommand
{
    private const int MaxRecordsTold = 20;

    public static Command Create()
    {
        Argument<string> bundle = new("BUNDLE_DIR") { Description = "The bundle's directory." };
        Option<bool> quiet = new("--quiet") { Description = "Print errors only." };
        const string what = "Read everything back, past the page cache, and compare it with the receipt.";
        Command command = new("verify", what) { bundle, quiet };
        command.SetAction(parsed => Run(parsed.GetValue(bundle)!, new Messages(parsed.GetValue(quiet))));
        return command;
    }

    private static int Run(string path, Messages messages)
    {
        ProgramSandbox.EnterForReading(path);
        using Signals signals = new();
        try
        {
            int toldRecords = 0;
            VerifyReport report = new BundleVerifier().Verify(
                path,
                verdict =>
                {
                    Tell(verdict, messages);
                    // Where the file of the checksums is gone, each file of the bundle has this damage.
                    if (verdict.SegmentsDamage is { } damage && toldRecords++ < MaxRecordsTold)
                        Messages.Tell($"damaged: {BundleNames.SegmentChecksums}: {damage.Message}");
                },
                signals.Stop);
            return Tell(path, report, messages);
        }
        catch (OperationCanceledException)
        {
            Messages.Tell("stopped before everything was verified");
            return ExitCode.SignalBase + signals.Received;
        }
    }

    private static void Tell(FileVerdict verdict, Messages messages)
    {
        if (verdict.Kind == VerdictKind.Damaged)
            Messages.TellDamage(verdict.File.Output!, verdict.AllDamage!);
        else if (verdict.Kind == VerdictKind.Unknown)
            messages.Inform($"cannot tell: {Messages.Printed(verdict.File.Output!)}: {verdict.Message}");
    }

    private static int Tell(string path, VerifyReport report, Messages messages)
    {
        switch (report)
        {
            case VerifyReport.NoBundle none:
                Messages.Tell(none.Message);
                return ExitCode.Failed;
            case VerifyReport.NoMemory memory:
                Messages.Tell(memory.Message);
                return ExitCode.Failed;
            case VerifyReport.ReceiptDamaged damaged:
                Messages.Tell(damaged.Error.ToString());
                return ExitCode.Damaged;
            case VerifyReport.Done done:
                return Tell(path, done, messages);
            default:
                throw new InvalidOperationException($"Verifying cannot end with {report.GetType().Name}.");
        }
    }

    private static int Tell(string path, VerifyReport.Done done, Messages messages)
    {
        int damaged = done.Count(VerdictKind.Damaged);
        int unknown = done.Count(VerdictKind.Unknown);
        string intact = Messages.Count(done.Count(VerdictKind.Intact), "file");
        messages.Inform($"{path}: {intact} intact, {damaged} damaged, {unknown} without a checksum");
        foreach (FactDamage fact in done.DamagedFacts)
            Messages.Tell($"damaged: {fact.Name}: {fact.Message}");
        int lostChecksums = done.DamagedSegmentChecksums;
        if (lostChecksums > 0)
            messages.Inform($"the checksums of the segments of {Messages.Count(lostChecksums, "file")} are damaged");
        if (done.PartialFiles > 0)
        {
            string files = Messages.Count(done.PartialFiles, "file");
            messages.Inform($"{files} of these copied in part only, and compared as far as the receipt says");
        }

        if (done.CopyStatus != BundleStatus.Complete)
        {
            string status = done.CopyStatus.ToString().ToLowerInvariant();
            int absent = done.Count(VerdictKind.Absent);
            messages.Inform($"the copy itself was {status}: {absent} not in the bundle; the receipt says why");
        }

        return damaged + lostChecksums + done.DamagedFacts.Count > 0 ? ExitCode.Damaged
            : unknown > 0 ? ExitCode.Partial
            : ExitCode.Complete;
    }
}
