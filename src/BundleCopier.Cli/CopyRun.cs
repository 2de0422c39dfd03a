using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Runs one copy from the command line: an actor system, signals, progress, the end.</summary>
internal static class CopyRun
{
    // Standard output belongs to the receipt, so the log goes elsewhere; a process that lives for one copy needs no
    // shutdown choreography; and each tick of the clock, 10 ms by default, wakes two threads (docs/decisions/0008-clock-of-20-ms.md).
    private const string SystemDefaults =
        """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          loggers = ["BundleCopier.Cli.StderrLogger, bundlecopy"]
          scheduler.tick-duration = 20ms
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """;

    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(StderrLogger))]
    public static async Task<int> RunAsync(CopyRequest request, Messages messages)
    {
        using Signals signals = new();
        // This process is the collector and nothing else.
        CopySettings settings = request.Settings with { OomScoreAdj = request.Settings.OomScoreAdj ?? CopySettings.StandardOomScoreAdj };
        Config config = request.SystemConfig
            .WithFallback(ConfigurationFactory.ParseString(SystemDefaults))
            .WithFallback(ReferenceConfig.Value);
        using ActorSystem? system = Start(config, messages);
        if (system is null)
            return ExitCode.Invalid;

        await using ProgressPump pump = ProgressPump.Start(request);
        CopyResult result;
        // The engine is asked to stop first: what registers later is called earlier.
        using (signals.Stop.Register(() => TellStopping(request, pump)))
            result = await new CopyEngine(system).CopyAsync(request.Manifest, settings, pump.Sink, signals.Stop);
        await pump.DisposeAsync();

        switch (result)
        {
            case CopyResult.Committed committed:
                if (request.IsJson)
                    WriteReceipt(committed.Receipt);
                messages.Committed(committed.Path, committed.Receipt);
                return committed.Receipt.Status switch
                {
                    BundleStatus.Complete => ExitCode.Complete,
                    BundleStatus.Cancelled => ExitCode.SignalBase + signals.Received,
                    _ => ExitCode.Partial,
                };
            case CopyResult.Refused refused:
                return messages.Refused(refused.Refusal);
            case CopyResult.Invalid invalid:
                return messages.Invalid(invalid.Error);
            default:
                throw new InvalidOperationException($"A copy cannot end with {result.GetType().Name}.");
        }
    }

    private static void TellStopping(CopyRequest request, ProgressPump pump)
    {
        if (!request.IsQuiet)
            pump.Tell("stopping: committing what is complete; a second Ctrl-C ends at once");
    }

    private static ActorSystem? Start(Config config, Messages messages)
    {
        try
        {
            return ActorSystem.Create("bundlecopy", config);
        }
#pragma warning disable CA1031 // Akka names no exceptions for a configuration that it cannot use, and throws many kinds.
        catch (Exception error)
#pragma warning restore CA1031
        {
            messages.Invalid(new InputError("--config", "akka", $"the actor system cannot start: {error.GetBaseException().Message}", "Take the akka section out, or mend it."));
            return null;
        }
    }

    private static void WriteReceipt(BundleReceipt receipt)
    {
        StandardOutput output = new();
        using OutputStream line = new(output);
        ReceiptWriter.Write(line, receipt, indented: false);
        line.Write("\n"u8);
        if (line.Answer != OutputAnswer.Written)
            Messages.Tell($"the receipt could not be written to standard output ({output.Failure ?? "nobody reads it"}); it is in the bundle");
    }
}
