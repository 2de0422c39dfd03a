using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Cli.Native;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Runs one copy: starts an actor system, passes signals on, shows progress, prints the result.</summary>
internal static class CopyRun
{
    // Standard output carries the receipt, so the log goes to standard error. The system's own actors share two
    // threads, and the clock has one, so that little is left for the .NET thread pool. A tick wakes a thread only where
    // something is due (docs/decisions/0008-clock-of-20-ms.md).
    private const string SystemDefaults =
        """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          loggers = ["BundleCopier.Cli.StderrLogger, bundlecopy"]
          scheduler {
            implementation = "BundleCopier.Cli.ProgramScheduler, bundlecopy"
            tick-duration = 20ms
          }
          actor {
            default-dispatcher.type = "BundleCopier.Actors.OneThreadDispatcherConfigurator, BundleCopier"
            internal-dispatcher.type = "BundleCopier.Actors.OneThreadDispatcherConfigurator, BundleCopier"
          }
        }
        """;

    // The exit code says how the copy ended. With exit-clr, Akka would end the process first, always with code 0.
    // Ending this system needs none of Akka's phases, and their log would speak of an exit code 0.
    private const string SystemOverrides =
        """
        akka.coordinated-shutdown {
          exit-clr = off
          run-by-clr-shutdown-hook = off
          run-by-actor-system-terminate = off
        }
        """;

    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(StderrLogger))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ProgramScheduler))]
    [DynamicDependency(
        DynamicallyAccessedMemberTypes.PublicConstructors,
        "BundleCopier.Actors.OneThreadDispatcherConfigurator",
        "BundleCopier")]
    public static async Task<int> RunAsync(CopyRequest request, Messages messages)
    {
        CopyEngine? engine = null;
        using Signals signals = new(() => engine?.DescribeCopies(Messages.TellLines));
        // This process only copies, so the kernel may kill it first when memory runs out.
        int oomScoreAdj = request.Settings.OomScoreAdj ?? CopySettings.StandardOomScoreAdj;
        CopySettings settings = request.Settings with
        {
            OomScoreAdj = oomScoreAdj,
            OwnsProcess = true,
            WhenCommitted = isComplete => LastResort.Committed(
                isComplete ? ExitCode.Complete : ExitCode.OfIncomplete(signals.Received)),
        };
        Config config = ConfigurationFactory.ParseString(SystemOverrides)
            .WithFallback(request.SystemConfig)
            .WithFallback(ConfigurationFactory.ParseString(SystemDefaults))
            .WithFallback(ReferenceConfig.Value);
        bool hasOwnSection = request.SystemConfig.HasPath("akka");
        using ActorSystem? system = Start(config, hasOwnSection, messages);
        if (system is null)
            return hasOwnSection ? ExitCode.Invalid : ExitCode.Failed;

        await using ProgressPump pump = ProgressPump.Start(request);
        engine = new CopyEngine(system);
        CopyResult result;
        // A cancellation token calls its callbacks in reverse order, so the engine stops before this message.
        using (signals.Stop.Register(() => TellStopping(request, pump)))
            // The thread waits: to await would need the thread pool for the rest of the method.
            result = signals.Await(engine.CopyAsync(
                request.Manifest,
                settings with { DeadlineSpent = ProgramClock.Elapsed },
                pump.Sink,
                signals.Stop));
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

    private static void TellStopping(CopyRequest request, ProgressPump pump)
    {
        if (!request.IsQuiet)
            pump.Tell("stopping: committing what is complete; a second signal, after one second, ends at once");
    }

    private static ActorSystem? Start(Config config, bool hasOwnSection, Messages messages)
    {
        try
        {
            return ActorSystem.Create("bundlecopy", config);
        }
#pragma warning disable CA1031 // Akka throws many kinds of exceptions for a bad configuration and documents none.
        catch (Exception error) when (!CommandLine.IsScarcity(error))
#pragma warning restore CA1031
        {
            string reason = error.GetBaseException().Message;
            if (hasOwnSection)
            {
                reason = $"the actor system cannot start: {reason}";
                messages.Invalid(new InputError("--config", "akka", reason, "Correct the akka section, or remove it."));
                return null;
            }

            // Without a section of the user's own, the machine is the cause.
            string[] missing = [.. ((string[])["/proc/self", "/dev/urandom"]).Where(static path => !Path.Exists(path))];
            string mend = missing.Length == 0 ? ""
                : $" The .NET runtime needs {string.Join(" and ", missing)}: mount or create what is missing.";
            Messages.Tell($"The actor system cannot start: {reason.TrimEnd('.')}.{mend}");
            return null;
        }
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
