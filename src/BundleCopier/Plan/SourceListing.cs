using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>The files that a manifest means, in the order in which they are saved.</summary>
/// <param name="Entries">Files, and patterns that came to nothing.</param>
internal sealed record SourceListing(IReadOnlyList<SourceListing.Entry> Entries)
{
    /// <summary>
    /// Room that the receipt will need at most: an entry without its names has about 700 bytes and an error 300 more, a range
    /// up to 96, and a character of a name up to 6, three times.
    /// </summary>
    public long ReceiptBytes => Entries.Sum(static e =>
        1200L + (18L * (e.File.Source.Length + e.File.Name.Length)) + (96L * (1 + (e.File.Ranges?.Count ?? 0))));

    /// <summary>A file to be copied, or what stands in the receipt in its place.</summary>
    /// <param name="File">What it is.</param>
    /// <param name="Fault">Why there is nothing to copy; null for a file.</param>
    internal sealed record Entry(PlannedFile File, Fault? Fault);

    /// <summary>
    /// Resolves the patterns and puts the files in order: higher priority first, then as in the manifest, then by name. Where
    /// several entries mean one file under one name, the entry that names it speaks for it, or else the first pattern.
    /// </summary>
    /// <returns>An error when two files would have one name in the bundle: better said before anything is written.</returns>
    public static Parsed<SourceListing> Of(BundleManifest manifest, IKernel kernel)
    {
        Dictionary<string, IoResult<IReadOnlyList<string>>> listed = [];
        HashSet<(string Source, string Name)> taken = [.. manifest.Files.Where(f => !f.IsPattern).Select(f => (f.Source, f.Name ?? f.LastComponent))];
        List<(ManifestFile Wish, string Source, string Name, Fault? Fault)> found = [];
        foreach (ManifestFile wish in manifest.Files.OrderByDescending(f => f.Priority))
        {
            if (!wish.IsPattern)
            {
                found.Add((wish, wish.Source, wish.Name ?? wish.LastComponent, null));
                continue;
            }

            if (!listed.TryGetValue(wish.Directory, out IoResult<IReadOnlyList<string>> listing))
                listed[wish.Directory] = listing = kernel.ListNames(wish.Directory);
            if (!listing.Try(out IReadOnlyList<string>? all, out Errno error))
            {
                found.Add((wish, wish.Source, wish.LastComponent, SourceScout.OpenFault(error)));
                continue;
            }

            GlobPattern pattern = GlobPattern.Parse(wish.LastComponent);
            string prefix = wish.Directory == "/" ? "/" : $"{wish.Directory}/";
            string[] matching = [.. all.Where(pattern.IsMatch).Order(StringComparer.Ordinal)];
            if (matching.Length == 0)
                found.Add((wish, wish.Source, wish.LastComponent, new Fault(FaultKind.SourceMissing, new Errno(ENOENT), "nothing matches the pattern")));
            foreach (string name in matching)
            {
                // The kernel's names are bytes; one that is no text can be neither asked for nor put into a receipt.
                if (name.Contains('\uFFFD', StringComparison.Ordinal))
                    found.Add((wish, prefix + name, name, Fault.Of(FaultKind.SourceUnreadable, "its name is not UTF-8")));
                else if (taken.Add((prefix + name, name)))
                    found.Add((wish, prefix + name, name, null));
            }
        }

        (NameSet? names, NameClash? clash) = NameSet.Of(found.Where(f => f.Fault is null).Select((f, i) => new NamedEntry(f.Name, f.Source, i)));
        if (names is null)
        {
            return new InputError(
                "manifest",
                "files",
                $"{clash!.First.Claimant} and {clash.Second.Claimant} would both need files/{clash.First.Name}",
                "Give one of them a \"name\" of its own.");
        }

        return new SourceListing(
        [
            .. found.Select((f, i) => new Entry(
                new PlannedFile(
                    i,
                    f.Source,
                    f.Name,
                    f.Wish.Ranges?.Select(r => new Extent(r.Offset, r.Length)).ToArray(),
                    CanBePacked(f.Name, names) ? f.Wish.Compression : Compression.None),
                f.Fault)),
        ]);
    }

    /// <summary>A compressed file needs room for its suffix, and that no other file has the name it would get.</summary>
    private static bool CanBePacked(string name, NameSet names) =>
        NameRules.OutputProblem($"{NameRules.FilesPrefix}{name}{NameRules.CompressedSuffix}") is null && !names.Claims(name + NameRules.CompressedSuffix);
}
