using Akka.Actor;
using Akka.Event;

namespace BundleCopier.Cli;

/// <summary>Writes the actor system's log to standard error: the time (UTC), the level and the message.</summary>
public sealed class StderrLogger : ActorBase
{
    /// <summary>A level as <c>--log-level</c> has it.</summary>
    internal static string NameOf(LogLevel level) => level switch
    {
        LogLevel.DebugLevel => "debug",
        LogLevel.InfoLevel => "info",
        LogLevel.WarningLevel => "warning",
        _ => "error",
    };

    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                return true;
            // At debug level Akka also logs its own actors; leave those lines out.
            case Debug debug when debug.LogClass?.Namespace?.StartsWith(
                nameof(BundleCopier), StringComparison.Ordinal) != true:
                return true;
            case LogEvent log:
                string cause = log.Cause is null ? "" : $": {log.Cause}";
                Messages.TellLines($"{log.Timestamp:HH:mm:ss.fff} {NameOf(log.LogLevel())}: {log.Message}{cause}");
                return true;
            default:
                return false;
        }
    }
}
