using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
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

    // The error of an entry that stands for many files names up to four causes.
    private const long NoticeBytes = 512;

    private readonly List<Found> found;
    private readonly Dictionary<int, Fault> faults;
    private readonly NameSet names;
    private readonly IReadOnlyDictionary<string, string>? labels;
    private readonly TrustRule trust;
    private readonly Dictionary<ManifestFile, LeftOut> leftOut;

    private SourceListing(
        List<Found> found,
        Dictionary<int, Fault> faults,
        NameSet names,
        IReadOnlyDictionary<string, string>? labels,
        TrustRule trust,
        Dictionary<ManifestFile, LeftOut> leftOut)
    {
        (this.found, this.faults, this.names, this.labels) = (found, faults, names, labels);
        (this.trust, this.leftOut) = (trust, leftOut);
    }

    public int Count => found.Count;

    /// <summary>The facts about processes; none where the manifest names no process.</summary>
    public GatheredFacts Facts { get; init; } = GatheredFacts.None;

    /// <summary>A process is held until its core, which is the first file, is read.</summary>
    public bool EndsWithCore { get; init; }

    private long FactsBytes => (long)Facts.Count * ReceiptFact.RoomBytes;

    /// <summary>The most space that the receipt takes, in bytes.</summary>
    public long ReceiptBytes => ReceiptRoom.CommonBytes(labels, Count) + FactsBytes + found.Sum(BytesOf);

    /// <summary>The same where space is short.</summary>
    public long ShortReceiptBytes => ReceiptRoom.CommonBytesWhenShort(labels) + FactsBytes + found.Sum(BytesOf);

    /// <summary>The same where all matches of patterns are left out (<see cref="Within"/>).</summary>
    public long LeastReceiptBytes => ReceiptRoom.CommonBytesWhenShort(labels) + FactsBytes
        + found.Where(static f => f.Match is null).Sum(BytesOf)
        + leftOut.Keys.Sum(static wish => BytesOf(new Found(wish, null)));

    /// <summary>A file, or an entry of the receipt for files that are not copied.</summary>
    public Entry this[int index]
    {
        get
        {
            ManifestFile wish = found[index].Wish;
            PlannedFile file = new(
                index,
                SourceOf(index),
                NameOf(index),
                PlannedFile.ExtentsOf(wish),
                CanBeCompressed(NameOf(index)) ? wish.Compression : Compression.None,
                found[index].Match is null || found[index].Memory is not null ? null : trust,
                found[index].Memory)
            {
                Stream = wish.Stream,
            };
            return new Entry(file, faults.GetValueOrDefault(index));
        }
    }

    /// <summary>
    /// Each pattern has found files. Otherwise an earlier copy may have saved files that it misses now.
    /// </summary>
    public bool IsCertain => !faults.Keys.Any(index => found[index].Match is null && found[index].Wish.IsPattern);

    /// <summary>Whether a file may have an output of this path below <c>files/</c>.</summary>
    public bool WantsOutput(string output) => names.Claims(output)
        || (output.EndsWith(BundleNames.CompressedSuffix, StringComparison.Ordinal)
            && names.Claims(output[..^BundleNames.CompressedSuffix.Length]));

    public string SourceOf(int index) => found[index].Source;

    public string NameOf(int index) => found[index].Name;

    /// <summary>The mappings of a file in memory, for the receipt; null where none are known.</summary>
    public ReceiptMappings? MappingsOf(int index) => found[index].Memory?.Mappings;

    /// <summary>
    /// Resolves the patterns and puts the files in order: higher priority first, then as in the manifest, then by
    /// name. When several entries mean the same file under the same name, it belongs to the entry that names it, or
    /// else to the first pattern.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="kernel">The system that the sources are on.</param>
    /// <param name="settings">What patterns may find, and how much; null for the defaults.</param>
    /// <param name="hung">The filesystems that do not answer; null for none.</param>
    /// <param name="asking">Told each directory before it is listed.</param>
    /// <param name="processes">Holds the processes whose memory is listed; null for a table of its own.</param>
    /// <returns>An error when the manifest's owner is no user.</returns>
    public static Parsed<SourceListing> Of(
        BundleManifest manifest,
        IKernel kernel,
        CopySettings? settings = null,
        HungSources? hung = null,
        Action<string>? asking = null,
        ProcessTable? processes = null)
    {
        settings ??= new CopySettings();
        Parsed<TrustRule> rule = TrustRule.Of(manifest, settings.SourceTrust, kernel);
        if (!rule.IsOk)
            return rule.Error;
        TrustRule trust = rule.Value;
        PatternLimits limits = new(settings.SourceMaxFiles, settings.SourceMaxBytes);
        (int Entry, ManifestFile Wish, PatternMatches? Matches)[] wishes = [.. manifest.Files.Index()
            .OrderByDescending(static f => f.Item.Priority)
            .Select(f => (f.Index, f.Item, IsPattern(f.Item) ? new PatternMatches(f.Item, trust, limits) : null))];
        Dictionary<string, ListedDirectory> directories = GroupByDirectory(wishes);
        foreach ((string path, ListedDirectory directory) in directories)
        {
            asking?.Invoke(path);
            directory.List(kernel, path, hung, () => asking?.Invoke(path));
        }

        List<Found> found = new(manifest.Files.Count);
        Dictionary<int, Fault> faults = [];
        Dictionary<ManifestFile, LeftOut> leftOut = new(ReferenceEqualityComparer.Instance);
        processes ??= new ProcessTable(kernel);
        // Before the memory of processes is looked for, because the processes may end.
        GatheredFacts facts =
            new FactGatherer(kernel, processes, settings.FactsEnviron, hung, asking).Gather(manifest);
        MemoryFinder memory = new(kernel, processes, limits);
        foreach ((int entry, ManifestFile wish, PatternMatches? matches) in wishes)
        {
            if (wish.Process is not null)
            {
                leftOut.Add(wish, AddMemory(wish, memory, hung, asking, found, faults));
                continue;
            }

            if (matches is not null && FaultOf(entry, matches, directories[wish.Directory]) is { } fault)
                faults.Add(found.Count, fault);
            else if (matches is not null)
            {
                (IReadOnlyList<Match> taken, LeftOut rest) = matches.Take();
                leftOut.Add(wish, rest);
                foreach (Match match in taken)
                {
                    if (match.Fault is not null)
                        faults.Add(found.Count, match.Fault);
                    found.Add(new Found(wish, match.Name, match.IsDoubted));
                }

                continue;
            }

            found.Add(new Found(wish, null, Memory: wish.SysV is { } id ? new SysVMemory(id) : null));
        }

        NameSet names = SettleNames(found, faults);
        AddNotices(found, faults, leftOut);
        SourceListing all = new(found, faults, names, manifest.Labels, trust, leftOut)
        {
            Facts = facts,
            EndsWithCore = manifest.Files.Any(static f => f.EndsWithCore),
        };
        return all.Count <= BundleLimits.MaxFiles && all.ReceiptBytes <= ReceiptLimits.MaxBytes
            ? all
            : all.Within(ReceiptLimits.MaxBytes);
    }

    /// <summary>
    /// The same with as many matches of patterns as the receipt has room for. Files that are named by their paths stay.
    /// </summary>
    /// <param name="receiptBytes">
    /// The room of the receipt, at least <see cref="LeastReceiptBytes"/>, where space is short.
    /// </param>
    /// <param name="maxFiles">The most files, also with one entry for the rest of each pattern.</param>
    public SourceListing Within(long receiptBytes, int maxFiles = BundleLimits.MaxFiles)
    {
        bool[] stays = Array.ConvertAll([.. found], static f => f.Match is null);
        long leftBytes = receiptBytes - LeastReceiptBytes;
        int leftFiles = maxFiles - leftOut.Count - stays.Count(static stay => stay);
        for (int rank = 0; rank <= 2; rank++)
        {
            for (int i = 0; i < Count && leftBytes >= 0; i++)
            {
                if (found[i].Match is null || RankOf(i) != rank)
                    continue;
                leftBytes -= BytesOf(found[i]);
                stays[i] = leftBytes >= 0 && leftFiles-- > 0;
            }
        }

        List<Found> kept = [];
        Dictionary<int, Fault> keptFaults = [];
        Dictionary<ManifestFile, LeftOut> counts = new(leftOut, ReferenceEqualityComparer.Instance);
        for (int i = 0; i < Count; i++)
        {
            Fault? fault = faults.GetValueOrDefault(i);
            if (fault?.Kind == FaultKind.SourcesLeftOut)
                continue;
            if (!stays[i])
            {
                LeftOut count = counts[found[i].Wish];
                counts[found[i].Wish] = count with { WithoutRoom = count.WithoutRoom + 1 };
                continue;
            }

            if (fault is not null)
                keptFaults.Add(kept.Count, fault);
            kept.Add(found[i]);
        }

        AddNotices(kept, keptFaults, counts);
        return new SourceListing(kept, keptFaults, names, labels, trust, counts)
        {
            Facts = Facts,
            EndsWithCore = EndsWithCore,
        };

        // Trusted files, other files that are copied, files that are not copied.
        int RankOf(int index) => faults.ContainsKey(index) ? 2 : found[index].IsDoubted ? 1 : 0;
    }

    private static bool IsPattern(ManifestFile wish) => wish.Process is null && wish.IsPattern;

    private static LeftOut AddMemory(
        ManifestFile wish, MemoryFinder memory, HungSources? hung, Action<string>? asking, List<Found> found,
        Dictionary<int, Fault> faults)
    {
        asking?.Invoke(wish.Source);
        Fault? fault = hung?.FaultOf(wish.Source);
        if (fault is null
            && memory.Find(wish, () => asking?.Invoke(wish.Source)).Try(out FoundFiles? all, out fault))
        {
            foreach (FoundMemory one in all.Files)
            {
                if (one.Fault is not null)
                    faults.Add(found.Count, one.Fault);
                found.Add(new Found(wish, one.Name, Memory: one.Memory));
            }

            return all.LeftOut;
        }

        faults.Add(found.Count, fault);
        found.Add(new Found(wish, null));
        return default;
    }

    private static long BytesOf(Found file) =>
        ReceiptRoom.FileBytes(file.SourceBytes, ReceiptRoom.TextBytes(file.Name), file.Wish.Ranges?.Count ?? 0)
            + ReceiptRoom.MappingsBytes(file.Memory?.MappingCount ?? 0)
            + (file.Match is null && file.Wish.IsPattern ? NoticeBytes : 0)
            + (file.Wish.Stream?.Core is null ? 0 : ReceiptRoom.CoreBytes);

    /// <summary>Why a pattern gives no files; null where it gives some, or another entry has them.</summary>
    private static Fault? FaultOf(int entry, PatternMatches matches, ListedDirectory directory)
    {
        if (directory.Unlisted is not null)
            return directory.Unlisted;
        if (directory.Error.IsError)
        {
            string detail = directory.Obstacle is { } obstacle ? $"files[{entry}].source: {obstacle.Problem}" : "";
            return SourceScout.OpenFault(directory.Error) with { Detail = detail };
        }

        return matches.HasAny
            ? null
            : new Fault(FaultKind.SourceMissing, new Errno(ENOENT), "nothing matches the pattern");
    }

    /// <summary>
    /// No two files get one name. Files that are named by their paths win, and the manifest has made sure that these do
    /// not clash. Among matches of patterns trusted ones win, and then the first in the order. So a file that another
    /// user plants costs only itself.
    /// </summary>
    private static NameSet SettleNames(List<Found> found, Dictionary<int, Fault> faults)
    {
        if (NameSet.Of(ToCopy()).Names is { } names)
            return names;
        NameClaims listed = new();
        foreach ((int index, Found file) in found.Index())
        {
            if (file.Match is null && !faults.ContainsKey(index))
                _ = listed.TryTake(file.Name);
        }

        NameClaims taken = new();
        foreach (bool isDoubted in (bool[])[false, true])
        {
            for (int i = 0; i < found.Count; i++)
            {
                if (found[i].Match is null || found[i].IsDoubted != isDoubted || faults.ContainsKey(i))
                    continue;
                string name = found[i].Name;
                if (listed.Has(name))
                    faults.Add(i, Fault.Of(FaultKind.NameTaken, "an entry without a pattern has it"));
                else if (!taken.TryTake(name))
                    faults.Add(i, Fault.Of(FaultKind.NameTaken, "a pattern has found another file with it first"));
            }
        }

        return NameSet.Of(ToCopy()).Names ?? throw new InvalidOperationException("Names clash.");

        IEnumerable<NamedEntry> ToCopy() => Enumerable.Range(0, found.Count).Where(i => !faults.ContainsKey(i))
            .Select(i => new NamedEntry(found[i].Name, "", i));
    }

    /// <summary>One entry for each pattern of which files are left out.</summary>
    private static void AddNotices(
        List<Found> found, Dictionary<int, Fault> faults, Dictionary<ManifestFile, LeftOut> leftOut)
    {
        foreach ((ManifestFile wish, LeftOut counts) in leftOut.Where(static l => !l.Value.IsNothing))
        {
            faults.Add(found.Count, counts.ToFault());
            found.Add(new Found(wish, null));
        }
    }

    private static Dictionary<string, ListedDirectory> GroupByDirectory(
        (int Entry, ManifestFile Wish, PatternMatches? Matches)[] wishes)
    {
        Dictionary<string, ListedDirectory> directories = [];
        foreach ((_, ManifestFile wish, PatternMatches? matches) in wishes)
        {
            if (matches is null)
                continue;
            if (!directories.TryGetValue(wish.Directory, out ListedDirectory? directory))
                directories.Add(wish.Directory, directory = new ListedDirectory());
            directory.Add(matches);
        }

        if (directories.Count == 0)
            return directories;
        foreach ((_, ManifestFile wish, PatternMatches? matches) in wishes)
        {
            bool namesFile = matches is null
                && wish is { Process: null, SysV: null };
            if (namesFile && directories.TryGetValue(wish.Directory, out ListedDirectory? directory))
                directory.Name(wish.LastComponent, wish.Name ?? wish.LastComponent);
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
    /// <param name="IsDoubted">Another user may have put it there.</param>
    /// <param name="Memory">Memory without a path; null for a file. That of a process has its name as a match.</param>
    private readonly record struct Found(
        ManifestFile Wish, string? Match, bool IsDoubted = false, MemorySource? Memory = null)
    {
        public string Name => Match is null ? NameOfEntry
            : Wish is { Process: null, Name: { } directory } ? directory + Match
            : Match;

        private string NameOfEntry => Wish.Process is not null ? Wish.Prefix
            : Wish.IsPattern ? Wish.Name + Wish.LastComponent
            : Wish.Name ?? Wish.LastComponent;

        public string Source => Memory is MappedMemory mapped ? mapped.Path
            : Match is null ? Wish.Source
            : string.Concat(Directory, Match);

        // In JSON.
        public long SourceBytes => Memory is MappedMemory || Match is null
            ? ReceiptRoom.TextBytes(Source)
            : ReceiptRoom.TextBytes(Directory) + ReceiptRoom.TextBytes(Match);

        // With the slash at its end.
        private ReadOnlySpan<char> Directory => Wish.Source.AsSpan(0, PathText.NameStart(Wish.Source));
    }
}
