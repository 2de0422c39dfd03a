using BundleCopier.Input;

namespace BundleCopier.Manifest;

/// <summary>
/// What to copy into one bundle. An instance is always valid: it only comes out of <see cref="Create"/> or <see
/// cref="ManifestReader"/>.
/// </summary>
public sealed record BundleManifest
{
    internal BundleManifest(
        string bundle, string? destination, IReadOnlyDictionary<string, string> labels, IReadOnlyList<ManifestFile> files)
    {
        Bundle = bundle;
        Destination = destination;
        Labels = labels;
        Files = files;
    }

    /// <summary>
    /// The bundle's name: one path component of [A-Za-z0-9._-], not starting with a dot, at most 200 bytes.
    /// </summary>
    public string Bundle { get; }

    /// <summary>The directory that gets the bundle; null when the caller has to supply it.</summary>
    public string? Destination { get; private init; }

    /// <summary>Free strings carried into the receipt, in ordinal order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The entries in the order they were given; at least one.</summary>
    public IReadOnlyList<ManifestFile> Files { get; }

    /// <summary>
    /// Checks everything a manifest has to hold to and returns it in normal form, or the first error.
    /// </summary>
    /// <param name="bundle">The bundle's name.</param>
    /// <param name="files">The entries, at least one.</param>
    /// <param name="destination">The directory that gets the bundle, or null to supply it later.</param>
    /// <param name="labels">Free strings for the receipt, or null for none.</param>
    /// <param name="where">What error messages call this manifest.</param>
    public static Parsed<BundleManifest> Create(
        string bundle,
        IEnumerable<ManifestFile> files,
        string? destination = null,
        IReadOnlyDictionary<string, string>? labels = null,
        string where = "manifest") => ManifestRules.Check(where, bundle, destination, labels, [.. files]);

    /// <summary>The same manifest with another destination, for instance one given on the command line.</summary>
    /// <param name="destination">The directory that gets the bundle.</param>
    /// <param name="where">
    /// What an error message calls the place the directory was given, such as <c>--destination</c>.
    /// </param>
    public Parsed<BundleManifest> WithDestination(string destination, string where) =>
        ManifestRules.DestinationProblem(destination) is string problem
            ? new InputError(where, "", problem, ManifestRules.DestinationMend)
            : this with { Destination = destination };
}
