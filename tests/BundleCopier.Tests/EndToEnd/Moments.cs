using System.Diagnostics;
using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Random moments from one seed.</summary>
internal static class Moments
{
    /// <summary>
    /// The seed: that of BUNDLECOPY_SEED, or a new one. A test prints it, so that a failure can be repeated.
    /// </summary>
    public static int Seed { get; } = Number("BUNDLECOPY_SEED") ?? Random.Shared.Next(1, 1_000_000);

    public static int? Number(string variable) =>
        int.TryParse(
            Environment.GetEnvironmentVariable(variable),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int value) ? value : null;

    /// <summary>Waits until a time since the start has passed, or the program has ended.</summary>
    public static void Await(RunningCli cli, Stopwatch since, TimeSpan moment) =>
        SpinWait.SpinUntil(() => since.Elapsed >= moment || cli.HasEnded);

    /// <summary>Kills the program, if it has not ended by itself.</summary>
    public static void Kill(RunningCli cli)
    {
        try
        {
            cli.Signal(Kernel.SigKill);
        }
        catch (IOException) when (cli.HasEnded)
        {
            // ESRCH
        }
    }
}
