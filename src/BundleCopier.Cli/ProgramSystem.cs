using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Starts the program's actor system.</summary>
internal static class ProgramSystem
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
            serializers.json = "BundleCopier.Cli.NoSerializer, bundlecopy"
            serializers.bytes = "BundleCopier.Cli.NoSerializer, bundlecopy"
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

    /// <summary>Starts it; says why where it cannot start.</summary>
    /// <param name="own">What the user's configuration file has.</param>
    /// <param name="messages">Gets the reason.</param>
    /// <param name="exitCode">The exit code where the result is null.</param>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(StderrLogger))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ProgramScheduler))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(NoSerializer))]
    [DynamicDependency(
        DynamicallyAccessedMemberTypes.PublicConstructors,
        "BundleCopier.Actors.OneThreadDispatcherConfigurator",
        "BundleCopier")]
    public static ActorSystem? Start(Config own, Messages messages, out int exitCode)
    {
        bool hasOwnSection = own.HasPath("akka");
        exitCode = hasOwnSection ? ExitCode.Invalid : ExitCode.Failed;
        Config config = ConfigurationFactory.ParseString(SystemOverrides)
            .WithFallback(own)
            .WithFallback(ConfigurationFactory.ParseString(SystemDefaults))
            .WithFallback(ReferenceConfig.Value);
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
            _ = messages.Failed($"The actor system cannot start: {reason.TrimEnd('.')}.{mend}");
            return null;
        }
    }
}
