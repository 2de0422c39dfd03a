using Akka.Actor;
using BundleCopier.Cli.Native;
using BundleCopier.Faults;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Runs one copy: starts an actor system, passes signals on, shows progress, prints the result.</summary>
internal static class CopyRun
{
    /// <param name="request">What to copy.</param>
    /// <param name="messages">Messages for people.</param>
    /// <param name="whenEnded">Told how the copy ended, before people are; null for nothing.</param>
    public static async Task<int> RunAsync(
        CopyRequest request, Messages messages, Action<CopyResult>? whenEnded = null)
    {
        CopyEngine? engine = null;
        using Signals signals = new(() => engine?.DescribeCopies(Messages.TellLines));
        // This process only copies, so the kernel may kill it first when memory runs out.
        int oomScoreAdj = request.Settings.OomScoreAdj ?? CopySettings.StandardOomScoreAdj;
        CopySettings settings = request.Settings with
        {
            OomScoreAdj = oomScoreAdj,
            OwnsProcess = true,
            Origin = ProgramOrigin.Get(),
            WhenCommitted = isComplete => LastResort.Committed(
                isComplete ? ExitCode.Complete : ExitCode.OfIncomplete(signals.Received)),
        };
        using ActorSystem? system = ProgramSystem.Start(request.SystemConfig, messages, out int whyNot);
        if (system is null)
            return whyNot;

        await using ProgressPump pump = ProgressPump.Start(request);
        engine = new CopyEngine(system, new EngineSettings());
        CopyResult result;
        // A cancellation token calls its callbacks in reverse order, so the engine stops before this message.
        using (signals.Stop.Register(() => TellStopping(request)))
            // The thread waits: to await would need the thread pool for the rest of the method.
            result = engine.CopyAsync(
                request.Manifest,
                settings with { DeadlineSpent = ProgramClock.Elapsed },
                pump.Sink,
                signals.Stop).GetAwaiter().GetResult();
        whenEnded?.Invoke(result);
        await pump.DisposeAsync();

        switch (result)
        {
            case CopyResult.Committed committed:
                SavedBytes saved = SavedBytes.Of(committed.Receipt);
                if (request.IsJson)
                {
                    CleanupLines.Write(committed.Cleanup);
                    NameLine.Write(committed.Receipt);
                    WriteReceipt(committed.Receipt, saved);
                }

                messages.CleanedUp(committed.Cleanup);
                messages.Committed(committed.Path, committed.Receipt, saved);
                return committed.Receipt.Status switch
                {
                    BundleStatus.Complete => ExitCode.Complete,
                    BundleStatus.Cancelled => ExitCode.OfIncomplete(signals.Received),
                    _ => ExitCode.Partial,
                };
            case CopyResult.Refused refused:
                int failed = messages.Refused(refused.Refusal);
                return refused.Refusal.Kind == RefusalKind.Stopped && signals.Received != 0
                    ? ExitCode.SignalBase + signals.Received
                    : failed;
            case CopyResult.Invalid invalid:
                return messages.Invalid(invalid.Error);
            default:
                throw new InvalidOperationException($"A copy cannot end with {result.GetType().Name}.");
        }
    }

    private static void TellStopping(CopyRequest request)
    {
        if (!request.IsQuiet)
            Messages.Tell("stopping: committing what is complete; a second signal, after one second, ends at once");
    }

    private static void WriteReceipt(BundleReceipt receipt, SavedBytes saved)
    {
        StandardOutput output = new();
        using OutputStream line = new(output);
        if (receipt.Status != BundleStatus.Complete)
            ProgressLines.WriteMissing(line, receipt, saved);
        ReceiptWriter.Write(line, receipt, indented: false);
        line.Write("\n"u8);
        if (line.Answer != OutputAnswer.Written)
        {
            string reason = output.Failure ?? "the reader closed it";
            Messages.Tell($"the receipt could not be written to standard output ({reason}); it is in the bundle");
        }
    }
}
