using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>
/// Which older bundles of a destination are removed after a copy is committed there. Everything is off by default, and
/// a bundle that is marked <c>keep</c> is never removed.
/// </summary>
public sealed record RetentionSettings
{
    /// <summary>The most space that the bundles of a destination use together; null for no limit.</summary>
    public DiskAmount? MaxUse { get; init; }

    /// <summary>The free space that the bundles leave on the filesystem; null for no limit.</summary>
    public DiskAmount? KeepFree { get; init; }

    /// <summary>The most bundles of a destination, at least 1; null for no limit.</summary>
    public int? MaxBundles { get; init; }

    /// <summary>
    /// How old the remains of a copy that was killed may get; null to keep them until the bundle is copied again.
    /// </summary>
    public TimeSpan? PartialMaxAge { get; init; }

    /// <summary>Anything is to be removed at all.</summary>
    internal bool IsOn => LimitsBundles || PartialMaxAge is not null;

    /// <summary>Finished bundles are to be removed.</summary>
    internal bool LimitsBundles => MaxUse is not null || KeepFree is not null || MaxBundles is not null;

    internal const string AmountMend = "Give off, a size such as 50GiB, or a share of the filesystem such as 10%.";

    internal const string BundlesMend = "Give off, or a whole number from 1.";

    internal const string AgeMend = "Give off, or a time with its unit, such as 7d or 12h.";

    internal InputError? Problem(string where) =>
        MaxBundles is null or >= 1
            ? null
            : new InputError(
                where, SettingKeys.Full(SettingKeys.RetentionMaxBundles), $"{MaxBundles} is out of range", BundlesMend);
}
