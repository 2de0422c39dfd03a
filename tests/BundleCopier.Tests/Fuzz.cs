using System.Globalization;

namespace BundleCopier.Tests;

/// <summary>What scripts/fuzz asks for, in environment variables.</summary>
internal static class Fuzz
{
    /// <summary>The value of BUNDLECOPY_FUZZ_NAME; null where there is none.</summary>
    public static int? Number(string name) =>
        int.TryParse(
            Environment.GetEnvironmentVariable($"BUNDLECOPY_FUZZ_{name}"), NumberStyles.None,
            CultureInfo.InvariantCulture, out int value) ? value : null;
}
