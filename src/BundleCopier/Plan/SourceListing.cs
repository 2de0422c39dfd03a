using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// The files that a manifest means, in the order of copying. There may be 100,000 of them, so for each file only its
/// entry is kept, and its name when the entry is a pattern. The rest is made when it is asked for.
/// </summary>
internal sealed class SourceListing
{
    // A char of a string takes at most 3 bytes, so a name of this length has room for the suffix.
    private const int ShortName = (NameRules.MaxComponentBytes / 3) - 4;

    private readonly List<Found> found;
    private readonly Dictionary<int, Fault> faults;
    private readonly NameSet names;
    private readonly IReadOnlyDictionary<string, string>? labels;

    private SourceListing(
        List<Found> found,
        Dictionary<int, Fault> faults,
        NameSet names,
        IReadOnlyDictionary<string, string>? labels)
    {
        this.labels = labels;
        this.found = found;
        this.faults = faults;
        this.names = names;
    }

    public int Count => found.Count;

    /// <summary>The most space that the receipt takes, in bytes.</summary>
    public long ReceiptBytes => ReceiptRoom.CommonBytes(labels, Count) + FilesBytes;

    /// <summary>The same where space is short.</summary>
    public long ShortReceiptBytes => ReceiptRoom.CommonBytesWhenShort(labels) + FilesBytes;

    private long FilesBytes => found.Sum(static f =>
        ReceiptRoom.FileBytes(f.SourceLength, f.Name.Length, f.Wish.Ranges?.Count ?? 0));

    /// <summary>A file, or a pattern that matched none.</summary>
    public Entry this[int index]
    {
        get
        {
            ManifestFile wish = found[index].Wish;
            PlannedFile file = new(
                index,
                SourceOf(index),
                NameOf(index),
                wish.Ranges?.Select(static r => new Extent(r.Offset, r.Length)).ToArray(),
                CanBeCompressed(NameOf(index)) ? wish.Compression : Compression.None);
            return new Entry(file, faults.GetValueOrDefault(index));
        }
    }

    public string SourceOf(int index) => found[index].Source;

    public string NameOf(int index) => found[index].Name;

    /// <summary>
    /// Resolves the patterns and puts the files in order: higher priority first, then as in the manifest, then by
    /// name. When several entries mean the same file under the same name, it belongs to the entry that names it, or
    /// else to the first pattern.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="kernel">The system that the sources are on.</param>
    /// <param name="list">Lists a directory; null to list it by the kernel.</param>
    /// <returns>An error when two files would have the same name in the bundle.</returns>
    public static Parsed<SourceListing> Of(
        BundleManifest manifest, IKernel kernel, Func<string, ListedDirectory>? list = null)
    {
        Dictionary<string, ListedDirectory> directories =
            ListDirectories(manifest, list ?? (path => ListedDirectory.Of(kernel, path, hung: null)));
        List<Found> found = new(manifest.Files.Count);
        Dictionary<int, Fault> faults = [];
        IEnumerable<(int, ManifestFile)> byPriority =
            manifest.Files.Index().OrderByDescending(static f => f.Item.Priority);
        foreach ((int entry, ManifestFile wish) in byPriority)
        {
            if (!wish.IsPattern)
            {
                found.Add(new Found(wish, null));
                continue;
            }

            ListedDirectory directory = directories[wish.Directory];
            found.EnsureCapacity(found.Count + directory.Count);
            bool matches = directory.Take(
                GlobPattern.Parse(wish.LastComponent), name => found.Add(new Found(wish, name)));
            if (matches)
                continue;
            faults.Add(found.Count, directory.Hung ?? (directory.Error.IsError
                ? ListFault(entry, directory)
                : new Fault(FaultKind.SourceMissing, new Errno(ENOENT), "nothing matches the pattern")));
            found.Add(new Found(wish, null));
        }

        IEnumerable<NamedEntry> toCopy = Enumerable.Range(0, found.Count).Where(i => !faults.ContainsKey(i))
            .Select(i => new NamedEntry(found[i].Name, "", i));
        (NameSet? names, NameClash? clash) = NameSet.Of(toCopy);
        if (names is not null)
            return new SourceListing(found, faults, names, manifest.Labels);
        string both = $"{found[clash!.First.Index].Source} and {found[clash.Second.Index].Source}";
        string problem = $"{both} would both need files/{clash.First.Name}";
        return new InputError("manifest", "files", problem, "Give one of them a \"name\" of its own.");
    }

    private static Fault ListFault(int entry, ListedDirectory directory)
    {
        string detail = directory.Obstacle is { } obstacle ? $"files[{entry}].source: {obstacle.Problem}" : "";
        return SourceScout.OpenFault(directory.Error) with { Detail = detail };
    }

    /// <summary>Lists each directory of a pattern once.</summary>
    private static Dictionary<string, ListedDirectory> ListDirectories(
        BundleManifest manifest, Func<string, ListedDirectory> list)
    {
        Dictionary<string, ListedDirectory> directories = [];
        foreach (ManifestFile wish in manifest.Files.OrderByDescending(static f => f.Priority))
        {
            if (wish.IsPattern && !directories.ContainsKey(wish.Directory))
                directories.Add(wish.Directory, list(wish.Directory));
        }

        if (directories.Count == 0)
            return directories;
        foreach (ManifestFile wish in manifest.Files)
        {
            bool namesFile = !wish.IsPattern && (wish.Name is null || wish.Name == wish.LastComponent);
            if (namesFile && directories.TryGetValue(wish.Directory, out ListedDirectory? directory))
                directory.Take(wish.LastComponent);
        }

        return directories;
    }

    /// <summary>
    /// A compressed file's name must have room for the suffix, and no other file may have that name.
    /// </summary>
    private bool CanBeCompressed(string name) =>
        (name.Length <= ShortName
            || NameRules.OutputProblem($"{BundleNames.FilesPrefix}{name}{BundleNames.CompressedSuffix}") is null)
            && !names.Claims(name + BundleNames.CompressedSuffix);

    /// <summary>A file to copy, or an entry of the receipt for one that cannot be copied.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Fault">Why there is nothing to copy; null for a file.</param>
    internal readonly record struct Entry(PlannedFile File, Fault? Fault);

    /// <summary>A file, and its entry in the manifest.</summary>
    /// <param name="Wish">The entry.</param>
    /// <param name="Match">The name in the directory that the pattern matched; null without a pattern.</param>
    private readonly record struct Found(ManifestFile Wish, string? Match)
    {
        public string Name => Match ?? Wish.Name ?? Wish.LastComponent;

        public string Source => Match is null ? Wish.Source : string.Concat(Directory, Match);

        public int SourceLength => Match is null ? Wish.Source.Length : Directory.Length + Match.Length;

        // With the slash at its end.
        private ReadOnlySpan<char> Directory => Wish.Source.AsSpan(0, PathText.NameStart(Wish.Source));
    }
}
