using System.Diagnostics;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Verify;

namespace BundleCopier.Cli;

/// <summary>Verifies bundles one after the other, and tells what it found of each.</summary>
/// <param name="request">What to verify.</param>
/// <param name="messages">Messages for people.</param>
internal sealed class VerifyRun(VerifyRequest request, Messages messages)
{
    private const int MaxRecordsTold = 20;

    private readonly StandardOutput output = new();
    private readonly BundleTally tally = new();
    private ProblemList problems = new();

    private bool IsOne => request.Paths.Count == 1;

    /// <summary>Verifies them.</summary>
    /// <returns>The exit code: the worst of all bundles.</returns>
    public int Run()
    {
        using Signals signals = new();
        foreach (string path in request.Paths)
        {
            int code = Run(path, signals);
            tally.Add(code);
            if (code >= ExitCode.SignalBase)
                return code;
        }

        return tally.Finish("intact", messages, output);
    }

    private int Run(string path, Signals signals)
    {
        problems = new ProblemList();
        long start = Stopwatch.GetTimestamp();
        HashSet<string> toldRecords = [];
        VerifyReport report;
        try
        {
            using ReadingLine line = ReadingLine.Start(request.Progress, request.IsQuiet);
            report = new BundleVerifier { Progress = line.Sink }.Verify(
                path,
                verdict =>
                {
                    Tell(path, verdict);
                    // Where the file of the checksums is gone, each file of the bundle has this damage.
                    if (verdict.SegmentsDamage is { } damage
                        && toldRecords.Count < MaxRecordsTold
                        && toldRecords.Add(damage.Message))
                    {
                        TellDamage(path, BundleNames.SegmentChecksums, damage.Message);
                    }
                },
                signals.Stop);
        }
        catch (OperationCanceledException)
        {
            return messages.Failed(
                "stopped before everything was verified", ExitCode.SignalBase + signals.Received, path);
        }

        switch (report)
        {
            case VerifyReport.NoBundle none:
                return messages.Failed(none.Message, ExitCode.Failed, path);
            case VerifyReport.NoMemory memory:
                return messages.Failed(memory.Message, ExitCode.Failed, path);
            case VerifyReport.ReceiptDamaged damaged:
                return messages.Failed(damaged.Error.ToString(), ExitCode.Damaged, path);
            case VerifyReport.Done done:
                int code = CodeOf(done, request.IsComplete);
                Tell(path, done);
                if (request.IsJson)
                    VerifyJson.Write(output, path, done, code, problems, Stopwatch.GetElapsedTime(start));
                return code;
            default:
                throw new InvalidOperationException($"Verifying cannot end with {report.GetType().Name}.");
        }
    }

    /// <summary>The exit code for a bundle that could be read.</summary>
    public static int CodeOf(VerifyReport.Done done, bool isComplete) =>
        done.Count(VerdictKind.Damaged) + done.DamagedSegmentChecksums + done.DamagedFacts.Count > 0 ? ExitCode.Damaged
            : done.Count(VerdictKind.Unknown) > 0 || (isComplete && !done.IsComplete) ? ExitCode.Partial
            : ExitCode.Complete;

    /// <summary>What the bundle lacks, as the last sentence of a run; null where the copy was complete.</summary>
    public static string? LackOf(VerifyReport.Done done)
    {
        if (HasMissing(done))
            return LastSentence.Of(done.Saved, done.Missing);
        return done.CopyStatus == BundleStatus.Complete
            ? null
            : $"the receipt says that the copy was {StatusOf(done)}";
    }

    /// <summary>How the copy ended, in one word.</summary>
    public static string StatusOf(VerifyReport.Done done) => done.CopyStatus.ToString().ToLowerInvariant();

    private void Tell(string path, FileVerdict verdict)
    {
        string name = verdict.File.Output ?? verdict.File.Name;
        if (verdict.Kind == VerdictKind.Damaged)
        {
            Messages.TellDamage(Named(path, name), verdict.AllDamage!);
            problems.Add(name, verdict.AllDamage!);
        }
        else if (verdict.Kind == VerdictKind.Unknown)
        {
            messages.Inform($"cannot tell: {Messages.Printed(Named(path, name))}: {verdict.Message}");
            problems.Add("unknown", name, verdict.Message);
        }
        else if (verdict.File.Status != FileStatus.Copied)
        {
            problems.Add(verdict.File.Status.ToString().ToLowerInvariant(), name, verdict.File.Error?.Message ?? "");
        }
    }

    private void TellDamage(string path, string name, string message)
    {
        Messages.Tell($"damaged: {Messages.Printed(Named(path, name))}: {message}");
        problems.Add("damaged", name, message);
    }

    // Of several bundles, each has files of the same names.
    private string Named(string path, string name) => IsOne ? name : PathText.Join(path, name);

    private void Tell(string path, VerifyReport.Done done)
    {
        int damaged = done.Count(VerdictKind.Damaged);
        int unknown = done.Count(VerdictKind.Unknown);
        string intact = Messages.Count(done.Count(VerdictKind.Intact), "file");
        messages.Inform($"{path}: {intact} intact, {damaged} damaged, {unknown} without a checksum");
        foreach (FactDamage fact in done.DamagedFacts)
            TellDamage(path, fact.Name, fact.Message);
        int lostChecksums = done.DamagedSegmentChecksums;
        if (lostChecksums > 0)
            messages.Inform($"the checksums of the segments of {Messages.Count(lostChecksums, "file")} are damaged");
        if (done.PartialFiles > 0)
        {
            string files = Messages.Count(done.PartialFiles, "file");
            messages.Inform($"{files} of these copied in part only, and compared as far as the receipt says");
        }

        string where = IsOne ? "" : $"{path}: ";
        if (done.CopyStatus != BundleStatus.Complete)
        {
            int absent = done.Count(VerdictKind.Absent);
            messages.Inform(
                $"{where}the copy itself was {StatusOf(done)}: {absent} not in the bundle; the receipt says why");
        }

        if (LackOf(done) is not { } lack)
            return;
        lack = Messages.OfReceipt(lack);
        if (request.IsComplete)
            Messages.Tell($"not complete: {where}{lack}");
        else if (HasMissing(done))
            messages.Inform(where + lack);
    }

    private static bool HasMissing(VerifyReport.Done done) =>
        done.Saved.WholeFiles < done.Saved.Files || done.Missing.Count > 0;
}
