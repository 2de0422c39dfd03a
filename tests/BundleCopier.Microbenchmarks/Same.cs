namespace BundleCopier.Microbenchmarks;

/// <summary>Checks that compared ways have the same result.</summary>
internal static class Same
{
    public static void OrThrow<T>(T one, T other)
    {
        if (!EqualityComparer<T>.Default.Equals(one, other))
            throw new InvalidOperationException($"They do not do the same: {one} and {other}.");
    }
}
