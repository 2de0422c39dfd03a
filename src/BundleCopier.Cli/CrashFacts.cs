using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>What is known of a crash before its core is read, and while its process is still there.</summary>
/// <param name="Pid">The process, as the machine counts it.</param>
/// <param name="Uid">Its user.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Signal">The signal; null where only the core tells.</param>
/// <param name="At">When it crashed.</param>
/// <param name="Name">The name of the process, which it has chosen; may be empty.</param>
/// <param name="Executable">The path of its program; null where it is not known.</param>
/// <param name="Host">The name of the machine; may be empty.</param>
internal sealed record CrashFacts(
    int Pid, uint Uid, uint Gid, int? Signal, DateTimeOffset At, string Name, string? Executable, string Host)
{
    public ProcessWords Words { get; init; } = ProcessWords.Of(Pid);
}
