using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// The files that a manifest means, in the order in which they are saved. There may be 100,000 of them: of each is kept
/// which entry means it and, where that is a pattern, its name; all else is made when somebody asks.
/// </summary>
internal sealed class SourceListing
{
    // Whatever its characters take in UTF-8, with a suffix it is still short enough.
    private const int ShortName = (NameRules.MaxComponentBytes / 3) - 4;

    private readonly List<Found> found;
    private readonly Dictionary<int, Fault> faults;
    private readonly NameSet names;

    private SourceListing(List<Found> found, Dictionary<int, Fault> faults, NameSet names)
    {
        this.found = found;
        this.faults = faults;
        this.names = names;
    }

    public int Count => found.Count;

    /// <summary>
    /// Room that the receipt will need at most: an entry without its names has about 700 bytes and an error 300 more,
    /// a range up to 96, and a character of a name up to 6, three times.
    /// </summary>
    public long ReceiptBytes => found.Sum(static f =>
        1200L + (18L * (f.SourceLength + f.Name.Length)) + (96L * (1 + (f.Wish.Ranges?.Count ?? 0))));

    /// <summary>A file, or what came to nothing.</summary>
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
                CanBePacked(NameOf(index)) ? wish.Compression : Compression.None);
            return new Entry(file, faults.GetValueOrDefault(index));
        }
    }

    public string SourceOf(int index) => found[index].Source;

    public string NameOf(int index) => found[index].Name;

    /// <summary>
    /// Resolves the patterns and puts the files in order: higher priority first, then as in the manifest, then by
    /// name. Where several entries mean one file under one name, the entry that names it speaks for it, or else the
    /// first pattern.
    /// </summary>
    /// <returns>
    /// An error when two files would have one name in the bundle: better said before anything is written.
    /// </returns>
    public static Parsed<SourceListing> Of(BundleManifest manifest, IKernel kernel)
    {
        Dictionary<string, ListedDirectory> directories = ListDirectories(manifest, kernel);
        List<Found> found = new(manifest.Files.Count);
        Dictionary<int, Fault> faults = [];
        foreach (
            (int entry, ManifestFile wish) in manifest.Files.Index().OrderByDescending(static f => f.Item.Priority))
        {
            if (!wish.IsPattern)
            {
                found.Add(new Found(wish, null));
                continue;
            }

            ListedDirectory directory = directories[wish.Directory];
            found.EnsureCapacity(found.Count + directory.Count);
            bool matches = directory.Take(GlobPattern.Parse(wish.LastComponent), name =>
            {
                if (!ListedDirectory.IsText(name))
                    faults.Add(found.Count, Fault.Of(FaultKind.SourceUnreadable, "its name is not UTF-8"));
                found.Add(new Found(wish, name));
            });
            if (matches)
                continue;
            faults.Add(found.Count, directory.Error.IsError
                ? SourceScout.OpenFault(
                    directory.Error) with
                {
                    Detail = directory.Obstacle is { } obstacle
                    ? $"files[{entry}].source: {obstacle.Problem}" : ""
                }
                : new Fault(FaultKind.SourceMissing, new Errno(ENOENT), "nothing matches the pattern"));
            found.Add(new Found(wish, null));
        }

        IEnumerable<NamedEntry> toCopy = Enumerable.Range(0, found.Count).Where(i => !faults.ContainsKey(i))
            .Select(i => new NamedEntry(found[i].Name, "", i));
        (NameSet? names, NameClash? clash) = NameSet.Of(toCopy);
        if (names is null)
        {
            return new InputError(
                "manifest",
                "files",
                $"{found[clash!.First.Index].Source} and {found[clash.Second.Index].Source} would both need files/{clash.First.Name}",
                "Give one of them a \"name\" of its own.");
        }

        return new SourceListing(found, faults, names);
    }

    /// <summary>Every directory that a pattern looks into, once.</summary>
    private static Dictionary<string, ListedDirectory> ListDirectories(BundleManifest manifest, IKernel kernel)
    {
        Dictionary<string, ListedDirectory> directories = [];
        foreach (
            ManifestFile wish in manifest.Files.OrderByDescending(static f => f.Priority)
            .Where(static f => f.IsPattern))
        {
            if (!directories.ContainsKey(wish.Directory))
                directories.Add(wish.Directory, new ListedDirectory(kernel, wish.Directory));
        }

        if (directories.Count == 0)
            return directories;
        foreach (
            ManifestFile wish in manifest.Files.Where(
            static f => !f.IsPattern && (f.Name is null || f.Name == f.LastComponent)))
        {
            if (directories.TryGetValue(wish.Directory, out ListedDirectory? directory))
                directory.Take(wish.LastComponent);
        }

        return directories;
    }

    /// <summary>
    /// A compressed file needs room for its suffix, and that no other file has the name it would get.
    /// </summary>
    private bool CanBePacked(string name) =>
        (name.Length <= ShortName
            || NameRules.OutputProblem($"{NameRules.FilesPrefix}{name}{NameRules.CompressedSuffix}") is null)
            && !names.Claims(name + NameRules.CompressedSuffix);

    /// <summary>A file to be copied, or what stands in the receipt in its place.</summary>
    /// <param name="File">What it is.</param>
    /// <param name="Fault">Why there is nothing to copy; null for a file.</param>
    internal readonly record struct Entry(PlannedFile File, Fault? Fault);

    /// <summary>A file as an entry of the manifest means it.</summary>
    /// <param name="Wish">The entry.</param>
    /// <param name="Match">The name that a pattern matched, in its directory; null for the entry itself.</param>
    private readonly record struct Found(ManifestFile Wish, string? Match)
    {
        public string Name => Match ?? Wish.Name ?? Wish.LastComponent;

        public string Source => Match is null ? Wish.Source : string.Concat(Directory, Match);

        public int SourceLength => Match is null ? Wish.Source.Length : Directory.Length + Match.Length;

        // With its slash.
        private ReadOnlySpan<char> Directory => Wish.Source.AsSpan(0, Wish.Source.LastIndexOf('/') + 1);
    }
}
