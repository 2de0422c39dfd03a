using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// What one pattern matches in its directory. Any user may fill a directory like /dev/shm with names, so what is kept
/// has limits, and trusted files come first.
/// </summary>
/// <param name="wish">The entry of the manifest.</param>
/// <param name="trust">Which files it may find.</param>
/// <param name="limits">How many files and bytes it copies.</param>
internal sealed class PatternMatches(ManifestFile wish, TrustRule trust, PatternLimits limits)
{
    /// <summary>Files that are not trusted and have an entry of their own in the receipt.</summary>
    public const int MaxNamed = 100;

    private readonly Extent[]? ranges = PlannedFile.ExtentsOf(wish);
    private readonly FirstMatches trusted = new(limits.MaxFiles);
    private readonly FirstMatches others = new(trust.TrustsAll ? limits.MaxFiles : MaxNamed);

    private readonly GlobPattern pattern = GlobPattern.Parse(wish.LastComponent);
    private readonly GlobPattern[] excluded = [.. (wish.Exclude ?? []).Select(GlobPattern.Parse)];

    /// <summary>The directory of the matches below <c>files/</c>, with a slash at its end; empty for none.</summary>
    public string Prefix => wish.Name ?? "";

    /// <summary>True when the entry means a name.</summary>
    public bool IsMatch(string name) =>
        pattern.IsMatch(name) && !Array.Exists(excluded, one => one.IsMatch(name));

    /// <summary>It matches a name, perhaps one that belongs to another entry.</summary>
    public bool HasAny { get; set; }

    /// <summary>A name that the pattern matches, and no other entry.</summary>
    public void Add(IKernel kernel, string name)
    {
        // Opening it tells again, and that counts: another file may have the name by then.
        IoResult looked = kernel.Look(PathText.Join(wish.Directory, name), out FileStat status);
        if (!looked.IsOk)
        {
            others.Add(new Match(name, 0, SourceScout.OpenFault(looked.Error)));
            return;
        }

        // The files of a whole directory: what else is in it is no mistake.
        if (wish.Name is not null && !status.IsFile)
            return;
        long dataBytes = status.IsFile
            ? status.DataBytesIn(PlannedFile.RangesOf(ranges, status.SizeBytes))
            : 0;
        Fault? doubt = trust.Doubt(status);
        Match match = new(name, dataBytes, trust.TrustsAll ? null : doubt, IsDoubted: doubt is not null);
        (doubt is null ? trusted : others).Add(match);
    }

    /// <summary>
    /// The matches to copy or to name in the receipt, in the order of their names, and what is only counted.
    /// </summary>
    public (IReadOnlyList<Match> Matches, LeftOut LeftOut) Take()
    {
        IReadOnlyList<Match> first = trusted.Sorted();
        IReadOnlyList<Match> rest = others.Sorted();
        long beyondFiles = trusted.Count - first.Count;
        long untrusted = 0;
        if (trust.TrustsAll)
        {
            int room = limits.MaxFiles - first.Count;
            beyondFiles += others.Count - Math.Min(room, rest.Count);
            rest = [.. rest.Take(room)];
        }
        else
        {
            untrusted = others.Count - rest.Count;
        }

        List<Match> fitting = Fitting(first.Concat(rest));
        int beyondBytes = first.Count + rest.Count - fitting.Count;
        fitting.Sort(FirstMatches.ByName);
        return (fitting, new LeftOut(untrusted, beyondFiles, beyondBytes));
    }

    private List<Match> Fitting(IEnumerable<Match> matches)
    {
        long leftBytes = limits.MaxBytes;
        List<Match> fitting = [];
        foreach (Match match in matches)
        {
            long dataBytes = match.Fault is null ? match.DataBytes : 0;
            if (dataBytes > leftBytes)
                continue;
            leftBytes -= dataBytes;
            fitting.Add(match);
        }

        return fitting;
    }

    /// <summary>The first matches by name.</summary>
    private sealed class FirstMatches(int max)
    {
        public static readonly Comparison<Match> ByName = static (a, b) => string.CompareOrdinal(a.Name, b.Name);

        private readonly List<Match> kept = [];

        public long Count { get; private set; }

        public void Add(Match match)
        {
            Count++;
            kept.Add(match);
            if (kept.Count > max + (max / 4) + MaxNamed)
                Cut();
        }

        public IReadOnlyList<Match> Sorted()
        {
            Cut();
            return kept;
        }

        private void Cut()
        {
            kept.Sort(ByName);
            if (kept.Count > max)
                kept.RemoveRange(max, kept.Count - max);
        }
    }
}

/// <summary>How much one pattern copies.</summary>
internal readonly record struct PatternLimits(int MaxFiles, long MaxBytes);

/// <summary>A name that a pattern matches.</summary>
/// <param name="Name">The name.</param>
/// <param name="DataBytes">How much data is wanted of it, as far as stat(2) tells.</param>
/// <param name="Fault">Why it is not copied; null where it is.</param>
/// <param name="IsDoubted">Another user may have put it there.</param>
internal readonly record struct Match(string Name, long DataBytes, Fault? Fault, bool IsDoubted = false);
