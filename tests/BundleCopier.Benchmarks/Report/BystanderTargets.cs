using System.Globalization;
using BundleCopier.Benchmarks.Bystanders;

namespace BundleCopier.Benchmarks.Report;

/// <summary>The targets of bundlecopy's profiles and the measured values.</summary>
public sealed class BystanderTargets(Func<string, BystanderSeries?> find)
{
    public const string Idle = "nothing";
    private const string Fastest = "full";

    /// <summary>The largest allowed ratio of a neighbour's p99 to its p99 without a copy, by profile.</summary>
    public static readonly IReadOnlyList<(string Profile, double Max)> Limits = [("gentle", 1.25), ("balanced", 1.5)];

    private static readonly NeighbourKind[] Limited = [NeighbourKind.Write, NeighbourKind.Fork];

    public IEnumerable<Target> All() =>
    [
        .. Limits.SelectMany(limit => Limited.Select(kind => Felt(limit.Profile, kind, Idle, limit.Max))),
        .. Limited.Select(kind => Felt(Fastest, kind, "recipe", 1)),
        Share("gentle", 0.5),
        Share("balanced", 0.8),
    ];

    private Target Felt(string profile, NeighbourKind kind, string other, double most) =>
        new(
            $"{profile}: p99 of {kind.Id}, to {other}",
            $"at most {F(most)}",
            Compare(profile, other, (a, b) => a.P99Ratio(kind, b)));

    private Target Share(string profile, double least) =>
        new(
            $"{profile}: speed, to {Fastest}",
            $"at least {F(least)}",
            Compare(profile, Fastest, (a, b) => a.SpeedRatio(b)));

    private string? Compare(string profile, string other, Func<BystanderSeries, BystanderSeries, double> figure) =>
        find(profile) is { } ours && find(other) is { } theirs ? F(figure(ours, theirs)) : null;

    private static string F(double figure) => figure.ToString("0.00", CultureInfo.InvariantCulture);
}
