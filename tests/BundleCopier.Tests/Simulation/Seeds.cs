using Xunit.Sdk;

namespace BundleCopier.Tests.Simulation;

/// <summary>Runs a property over a row of seeds and names the seed that broke it.</summary>
internal static class Seeds
{
    /// <summary>
    /// The seeds from a first one on. BUNDLECOPIER_SEED runs that single one, and BUNDLECOPIER_CASES another number of them.
    /// </summary>
    public static void Each(int first, int count, Action<int> property)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPIER_SEED"), out int only))
            (first, count) = (only, 1);
        else if (int.TryParse(Environment.GetEnvironmentVariable("BUNDLECOPIER_CASES"), out int more))
            count = more;
        for (int seed = first; seed < first + count; seed++)
        {
            try
            {
                property(seed);
            }
            catch (Exception e)
            {
                throw new XunitException($"Seed {seed}: {e.Message}", e);
            }
        }
    }
}
