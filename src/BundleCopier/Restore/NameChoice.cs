using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>The files of a bundle that a caller names: some of them, or all.</summary>
internal sealed class NameChoice
{
    private const int MaxSuggestions = 3;

    private readonly HashSet<string>? names; // null for all
    private readonly IReadOnlyList<NamePick> picks;

    private NameChoice(HashSet<string>? names, IReadOnlyList<NamePick> picks)
    {
        this.names = names;
        this.picks = picks;
    }

    /// <summary>All files are chosen.</summary>
    public bool IsAll => names is null;

    /// <summary>Checks that each of the names means something in the bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="names">
    /// Exact names, or names in the escaped spelling of the receipt, or directories, or patterns: what comes first in
    /// this order counts. None for all files.
    /// </param>
    public static Parsed<NameChoice> Of(BundleFolder bundle, IReadOnlyList<string> names) =>
        Of(bundle.Files(), names, name => Unknown(bundle, name));

    /// <summary>The same for files from anywhere.</summary>
    /// <param name="files">The files; enumerated up to twice.</param>
    /// <param name="names">The names.</param>
    /// <param name="unknown">Makes the error for a name that means nothing.</param>
    public static Parsed<NameChoice> Of(
        IEnumerable<ReceiptFile> files, IReadOnlyList<string> names, Func<string, InputError> unknown)
    {
        if (names.Count == 0)
            return new NameChoice(null, []);
        // An entry without an output can be a pattern of the manifest that found nothing. As a NAME, the same pattern
        // also means the files that another entry has brought.
        HashSet<string> missing = [.. names];
        HashSet<string> absent = [];
        foreach (ReceiptFile file in files)
        {
            if (file.Output is not null)
                missing.Remove(file.Name);
            else if (missing.Contains(file.Name))
                absent.Add(file.Name);
        }

        Candidate[] candidates = [.. missing.Select(static name => new Candidate(name))];
        if (candidates.Length > 0)
        {
            foreach (ReceiptFile file in files)
            {
                foreach (Candidate candidate in candidates)
                    candidate.Look(file.Name);
            }
        }

        HashSet<string> exact = [.. names.Where(name => !missing.Contains(name)), .. absent];
        List<NamePick> picks = [];
        foreach (Candidate candidate in candidates.OrderBy(c => names.Index().First(n => n.Item == c.Name).Index))
        {
            if (candidate.IsEscaped)
                exact.Add(candidate.Unescaped!);
            else if (candidate.IsPick)
                picks.Add(candidate.Pick);
            else if (!absent.Contains(candidate.Name))
                return unknown(candidate.Name);
        }

        return new NameChoice(exact, picks);
    }

    /// <summary>
    /// The name that this text is the escaped spelling of, where it has bytes that are not UTF-8; otherwise null.
    /// </summary>
    public static string? Unescaped(string name) =>
        NameEscape.Reverse(name) is { } exact && NameBytes.HasRaw(exact) ? exact : null;

    /// <summary>The error for a name that means nothing in the bundle.</summary>
    public static InputError Unknown(BundleFolder bundle, string name) => Unknown(bundle.Files(), name);

    /// <summary>The same for files from anywhere.</summary>
    public static InputError Unknown(IEnumerable<ReceiptFile> files, string name)
    {
        NamePick pick = NamePick.Of(name);
        IReadOnlyList<string> near = Near(files, name, pick);
        string mend = pick.HasEarlyWildcard ? NamePick.Rule
            : near.Count == 0 ? "The receipt lists the names."
            : $"Did you mean {Listed(near)}?";
        string problem = pick.IsPattern ? "matches nothing in the bundle" : "is not in the bundle";
        return new InputError("NAME", "", $"{Printable.Quoted(name)} {problem}", mend);
    }

    /// <summary>The chosen files in the order of the receipt.</summary>
    public IEnumerable<ReceiptFile> In(BundleFolder bundle) => bundle.Files().Where(IsChosen);

    /// <summary>True for a chosen file.</summary>
    public bool IsChosen(ReceiptFile file) =>
        names is null || names.Contains(file.Name) || picks.Any(pick => pick.IsMatch(file.Name));

    private static IReadOnlyList<string> Near(IEnumerable<ReceiptFile> files, string name, NamePick pick)
    {
        // A user who has looked into the bundle gives the name of the output: files/NAME.lz4.
        string inFiles = BundleNames.FilesPrefix + name;
        if (files.FirstOrDefault(f => f.Output == name || f.Output == inFiles)?.Name is { } meant)
            return [meant];
        if (!pick.IsPattern)
            return Nearest.Some(name.TrimEnd('/'), files.SelectMany(WithDirectories), MaxSuggestions);
        // What begins as the pattern does.
        return pick.Start.Length == 0 ? []
            : [.. files.Where(f => f.Name.StartsWith(pick.Start, StringComparison.Ordinal))
                .Select(static f => f.Name).Take(MaxSuggestions)];
    }

    private static IEnumerable<string> WithDirectories(ReceiptFile file) => PathText.Prefixes(file.Name);

    // "a", "b" or "c"
    private static string Listed(IReadOnlyList<string> names)
    {
        string[] quoted = [.. names.Select(static name => Printable.Quoted(Printable.Of(name)))];
        return quoted.Length == 1 ? quoted[0] : $"{string.Join(", ", quoted[..^1])} or {quoted[^1]}";
    }

    /// <summary>A name that is not the name of a file in the bundle.</summary>
    private sealed class Candidate(string name)
    {
        public string Name => name;

        public string? Unescaped { get; } = NameChoice.Unescaped(name);

        public NamePick Pick { get; } = NamePick.Of(name);

        public bool IsEscaped { get; private set; }

        public bool IsPick { get; private set; }

        public void Look(string fileName)
        {
            IsEscaped |= fileName == Unescaped;
            IsPick |= Pick.IsMatch(fileName);
        }
    }
}
