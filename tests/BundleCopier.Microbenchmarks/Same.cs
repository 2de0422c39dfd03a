namespace BundleCopier.Microbenchmarks;

/// <summary>Ways that are compared have to do the same.</summary>
internal static class Same
{
    public static void OrThrow<T>(T one, T other)
    {
        if (!EqualityComparer<T>.Default.Equals(one, other))
            throw new InvalidOperationException($"They do not do the same: {one} and {other}.");
    }
}
