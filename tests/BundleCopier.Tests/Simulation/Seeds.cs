using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace BundleCopier.Tests.Simulation;

/// <summary>Runs a check with several seeds. A failure names the seed and the command that repeats it.</summary>
internal static class Seeds
{
    /// <summary>The only seed that is to run (BUNDLECOPY_SEED); null for all.</summary>
    public static int? Only { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPY_SEED"), out int only) ? only : null;

    /// <summary>
    /// Runs consecutive seeds. With BUNDLECOPY_SEED only that seed runs; BUNDLECOPY_CASES changes the number of
    /// seeds.
    /// </summary>
    public static void Each(
        int first, int count, Action<int> property, [CallerFilePath] string file = "",
        [CallerMemberName] string test = "")
    {
        (first, count) = Chosen(first, count);
        for (int seed = first; seed < first + count; seed++)
            One(seed, property, file, test);
    }

    /// <summary>As <see cref="Each"/>, on as many threads as there are processors.</summary>
    public static void EachInParallel(
        int first, int count, Action<int> property, [CallerFilePath] string file = "",
        [CallerMemberName] string test = "")
    {
        (first, count) = Chosen(first, count);
        int next = first - 1;
        Exception? failure = null;
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            for (int seed; failure is null && (seed = Interlocked.Increment(ref next)) < first + count;)
            {
                try
                {
                    One(seed, property, file, test);
                }
                catch (XunitException e)
                {
                    failure = e;
                }
            }
        });
        if (failure is not null)
            throw failure;
    }

    private static (int First, int Count) Chosen(int first, int count) =>
        Only is { } only ? (only, 1)
        : int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPY_CASES"), out int more) ? (first, more)
        : (first, count);

    private static void One(int seed, Action<int> property, string file, string test)
    {
        try
        {
            property(seed);
        }
        catch (Exception e)
        {
            string name = $"{Path.GetFileNameWithoutExtension(file)}.{test}";
            throw new XunitException(
                $"Seed {seed}: {e.Message}\n"
                + $"To repeat it: BUNDLECOPY_SEED={seed} scripts/test --fast --filter FullyQualifiedName~{name}\n"
                + SimRun.LastEvents(),
                e);
        }
    }
}
