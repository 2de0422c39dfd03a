using Akka.Actor;
using Akka.Event;

namespace BundleCopier.Cli;

/// <summary>Writes the actor system's log to standard error, one line per event.</summary>
public sealed class StderrLogger : ActorBase
{
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
                Messages.TellLines($"{log.LogLevel()}: {log.Message}{(log.Cause is null ? "" : $": {log.Cause}")}");
                return true;
            default:
                return false;
        }
    }
}
