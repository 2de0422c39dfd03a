using System.Globalization;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Runs the program outside of a cgroup and measures the most memory that it had (the program c/peak.c).
/// </summary>
internal static class PeakMemory
{
    private static readonly Lazy<string> Program = new(static () => FuseServer.Compile("peak"));

    /// <summary>Runs the program, which must stay below a limit.</summary>
    public static CliResult Run(Workspace place, long limitBytes, params string[] args)
    {
        string file = Path.Combine(place.Disk, "peak");
        CliResult result = Cli.Start(
            args, before: [Program.Value, file], patience: Cli.LongPatience).Wait();
        long peakBytes = 1024 * long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        Assert.True(
            peakBytes < limitBytes,
            $"{string.Join(' ', args)} had {peakBytes} bytes of memory: {Start(result.Errors)}");
        return result;
    }

    private static string Start(string text) => text[..Math.Min(500, text.Length)];
}
