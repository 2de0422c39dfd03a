using BundleCopier.Input;

namespace BundleCopier.Manifest;

/// <summary>
/// What to copy into one bundle. An instance is always valid, because only <see cref="Create"/> and
/// <see cref="ManifestReader"/> make one.
/// </summary>
public sealed record BundleManifest
{
    internal BundleManifest(
        string bundle,
        string? destination,
        IReadOnlyDictionary<string, string> labels,
        IReadOnlyList<ManifestFile> files,
        string? owner)
    {
        Owner = owner;
        Bundle = bundle;
        Destination = destination;
        Labels = labels;
        Files = files;
    }

    /// <summary>
    /// The bundle's name: one path component of [A-Za-z0-9._-], not starting with a dot, at most 200 bytes.
    /// </summary>
    public string Bundle { get; private init; }

    /// <summary>The directory that gets the bundle; null when the caller has to supply it.</summary>
    public string? Destination { get; private init; }

    /// <summary>
    /// A user whose files are copied when a pattern matches them: a name of /etc/passwd or a number; null for none
    /// besides root and the user that copies.
    /// </summary>
    public string? Owner { get; }

    /// <summary>Strings for the receipt, in ordinal order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The entries in the given order; at least one.</summary>
    public IReadOnlyList<ManifestFile> Files { get; }

    /// <summary>What error messages call this manifest.</summary>
    internal string Where { get; init; } = "manifest";

    /// <summary>Checks all rules of a manifest and returns it in normal form, or the first error.</summary>
    /// <param name="bundle">The bundle's name.</param>
    /// <param name="files">The entries, at least one.</param>
    /// <param name="destination">The directory that gets the bundle, or null to supply it later.</param>
    /// <param name="labels">Strings for the receipt, or null for none.</param>
    /// <param name="where">What error messages call this manifest.</param>
    /// <param name="owner">A user whose files patterns may find, or null for none.</param>
    public static Parsed<BundleManifest> Create(
        string bundle,
        IEnumerable<ManifestFile> files,
        string? destination = null,
        IReadOnlyDictionary<string, string>? labels = null,
        string where = "manifest",
        string? owner = null) => ManifestRules.Check(where, bundle, destination, labels, [.. files], owner);

    /// <summary>The same manifest for a bundle with another name, such as one from the command line.</summary>
    /// <param name="bundle">The name.</param>
    /// <param name="where">Where it was given, for an error message: <c>--bundle</c>.</param>
    internal Parsed<BundleManifest> WithBundle(string bundle, string where) =>
        NameRules.BundleProblem(bundle) is string problem
            ? new InputError(where, "", problem, ManifestRules.BundleMend)
            : this with { Bundle = bundle };

    /// <summary>The same manifest with another destination, such as one from the command line.</summary>
    /// <param name="destination">The directory that gets the bundle.</param>
    /// <param name="where">Where the directory was given, for an error message: <c>--destination</c>.</param>
    public Parsed<BundleManifest> WithDestination(string destination, string where) =>
        ManifestRules.DestinationProblem(destination) is string problem
            ? new InputError(where, "", problem, ManifestRules.DestinationMend)
            : this with { Destination = destination };
}
