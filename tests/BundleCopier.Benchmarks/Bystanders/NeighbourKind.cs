namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>A kind of neighbour.</summary>
/// <param name="Id">Its name in c/neighbour.c.</param>
/// <param name="Title">Its name in reports.</param>
public sealed record NeighbourKind(string Id, string Title)
{
    public static NeighbourKind Write { get; } = new("write", "append 4 KiB, fdatasync");

    public static NeighbourKind Fork { get; } = new("fork", "fork and exec /bin/true");

    public static NeighbourKind Touch { get; } = new("touch", "touch 8 MiB of fresh memory");

    public static IReadOnlyList<NeighbourKind> All { get; } = [Write, Fork, Touch];
}
