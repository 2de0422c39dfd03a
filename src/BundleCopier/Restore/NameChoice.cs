using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>The files of a bundle that a caller names: some of them, or all.</summary>
internal sealed class NameChoice
{
    private readonly HashSet<string>? names; // null for all

    private NameChoice(HashSet<string>? names) => this.names = names;

    /// <summary>All files are chosen.</summary>
    public bool IsAll => names is null;

    /// <summary>Checks that the bundle has all of the names.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="names">
    /// Exact names, or names in the escaped spelling of the receipt; none for all files.
    /// </param>
    public static Parsed<NameChoice> Of(BundleFolder bundle, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return new NameChoice(null);
        HashSet<string> missing = [.. names];
        foreach (ReceiptFile file in bundle.Files())
            missing.Remove(file.Name);
        HashSet<string> chosen = [.. names];
        foreach (string name in names.Where(missing.Contains))
        {
            if (Unescaped(name) is not { } exact || !bundle.Files().Any(file => file.Name == exact))
                return Unknown(bundle, name);
            chosen.Remove(name);
            chosen.Add(exact);
        }

        return new NameChoice(chosen);
    }

    /// <summary>
    /// The name that this text is the escaped spelling of, where it has bytes that are not UTF-8; otherwise null.
    /// </summary>
    public static string? Unescaped(string name) =>
        NameEscape.Reverse(name) is { } exact && NameBytes.HasRaw(exact) ? exact : null;

    /// <summary>The error for a name that the bundle does not have.</summary>
    public static InputError Unknown(BundleFolder bundle, string name)
    {
        // A user who has looked into the bundle gives the name of the output: files/NAME.lz4.
        string inFiles = BundleNames.FilesPrefix + name;
        string? near = bundle.Files().FirstOrDefault(f => f.Output == name || f.Output == inFiles)?.Name
            ?? Nearest.To(name, bundle.Files().Select(static f => f.Name));
        string mend = near is null
            ? "The receipt lists the names."
            : $"Did you mean {Printable.Quoted(Printable.Of(near))}?";
        return new InputError("NAME", "", $"{Printable.Quoted(name)} is not in the bundle", mend);
    }

    /// <summary>The chosen files in the order of the receipt.</summary>
    public IEnumerable<ReceiptFile> In(BundleFolder bundle) =>
        names is null ? bundle.Files() : bundle.Files().Where(f => names.Contains(f.Name));
}
