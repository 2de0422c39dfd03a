using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>SIGKILL at random moments of a copy.</summary>
[Trait("Program", "native")]
public sealed class KillTests(ITestOutputHelper log) : IDisposable
{
    private const int Kills = 200;
    private const int KillsPerCopy = 4;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native)]
    public void After_SIGKILL_at_any_moment_the_bundle_is_whole_or_not_there_and_the_next_copy_succeeds()
    {
        log.WriteLine($"BUNDLECOPY_SEED={Moments.Seed}");
        Random random = new(Moments.Seed);
        MixedSources sources = new(place, denseBytes: 8 << 20, smallCount: 8);
        string[] args = sources.Copy();
        Stopwatch since = Stopwatch.StartNew();
        Ended.With(0, Cli.Run(args));
        TimeSpan whole = since.Elapsed;
        Directory.Delete(place.BundlePath, recursive: true);
        int committed = 0;
        int partial = 0;
        for (int i = 0; i < Kills; i++)
        {
            TimeSpan moment = whole * (random.NextDouble() * 1.1);
            string what = $"kill {i} after {moment.TotalMilliseconds} ms";
            using (RunningCli cli = Cli.Start(args))
            {
                since.Restart();
                Moments.Await(cli, since, moment);
                Moments.Kill(cli);
                CliResult result = cli.Wait();
                Assert.True(result.ExitCode is 0 or 137, $"{what}: {result}");
                partial += Directory.Exists(place.PartialPath) ? 1 : 0;
                sources.SurvivedTrue(hasCommitted: result.ExitCode == 0, what);
            }

            if (Directory.Exists(place.BundlePath))
            {
                committed++;
                Assert.Equal(["b"], place.LeftInDestination);
                Directory.Delete(place.BundlePath, recursive: true);
            }

            // Otherwise the copy that is killed next finds what this one left.
            if (i % KillsPerCopy != 0)
                continue;
            // Nothing of the killed copy is in its way: no lock, no lease, no directory. Its time is the measure for
            // the next kills, because other tests may take the processors or not.
            since.Restart();
            Ended.With(0, Cli.Run(args));
            whole = since.Elapsed;
            Assert.Equal(["b"], place.LeftInDestination);
            if (i % (5 * KillsPerCopy) == 0)
                sources.IsTrue(isComplete: true);
            Directory.Delete(place.BundlePath, recursive: true);
        }

        log.WriteLine($"{Kills} kills: {committed} committed, {partial} partial");
        // Checks the test itself: most kills come while something is on the disk.
        Assert.True(partial > Kills / 10, $"Only {partial} kills met a copy that had begun.");
        Assert.Empty(ProcessesOfThePlace());
        Assert.DoesNotContain(place.Disk, File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);
    }

    private IEnumerable<string> ProcessesOfThePlace()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[6])))
        {
            string command;
            try
            {
                command = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended
            }

            if (command.Contains(place.Disk, StringComparison.Ordinal))
                yield return command.Replace('\0', ' ');
        }
    }
}
