namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>What a neighbour does.</summary>
/// <param name="Id">What c/neighbour.c calls it.</param>
/// <param name="Title">What people call it.</param>
public sealed record NeighbourKind(string Id, string Title)
{
    public static NeighbourKind Write { get; } = new("write", "append 4 KiB, fdatasync");

    public static NeighbourKind Fork { get; } = new("fork", "fork and exec /bin/true");

    public static NeighbourKind Touch { get; } = new("touch", "touch 8 MiB of fresh memory");

    public static IReadOnlyList<NeighbourKind> All { get; } = [Write, Fork, Touch];
}
