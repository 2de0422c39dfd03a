using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace BundleCopier.Tests.Simulation;

/// <summary>Runs a check with several seeds. A failure names the seed and the command that repeats it.</summary>
internal static class Seeds
{
    /// <summary>
    /// Runs consecutive seeds. With BUNDLECOPY_SEED only that seed runs; BUNDLECOPY_CASES changes the number of
    /// seeds.
    /// </summary>
    public static void Each(
        int first, int count, Action<int> property, [CallerFilePath] string file = "",
        [CallerMemberName] string test = "")
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPY_SEED"), out int only))
            (first, count) = (only, 1);
        else if (int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPY_CASES"), out int more))
            count = more;
        for (int seed = first; seed < first + count; seed++)
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
}
