using System.Diagnostics;

namespace BundleCopier.Cli;

/// <summary>Time since the program started, from which a deadline counts.</summary>
internal static class ProgramClock
{
    private static long startedAt;

    /// <summary>Called first thing.</summary>
    public static void Start() => startedAt = Stopwatch.GetTimestamp();

    public static TimeSpan Elapsed => Stopwatch.GetElapsedTime(startedAt);
}
