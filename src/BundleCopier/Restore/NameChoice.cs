using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>The files of a bundle that a caller names: some of them, or all.</summary>
internal sealed class NameChoice
{
    private readonly HashSet<string>? names; // null for all

    private NameChoice(HashSet<string>? names) => this.names = names;

    /// <summary>Checks that the bundle has all of the names.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="names">Exact names as in the receipt; none for all files.</param>
    public static Parsed<NameChoice> Of(BundleFolder bundle, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return new NameChoice(null);
        HashSet<string> missing = [.. names];
        foreach (ReceiptFile file in bundle.Files())
            missing.Remove(file.Name);
        return names.FirstOrDefault(missing.Contains) is { } unknown
            ? Unknown(bundle, unknown)
            : new NameChoice([.. names]);
    }

    /// <summary>The error for a name that the bundle does not have.</summary>
    public static InputError Unknown(BundleFolder bundle, string name)
    {
        // A user who has looked into the bundle gives the name of the output: files/NAME.lz4.
        string inFiles = BundleNames.FilesPrefix + name;
        string? near = bundle.Files().FirstOrDefault(f => f.Output == name || f.Output == inFiles)?.Name
            ?? Nearest.To(name, bundle.Files().Select(static f => f.Name));
        string mend = near is null ? "The receipt lists the names." : $"Did you mean {Printable.Quoted(near)}?";
        return new InputError("NAME", "", $"{Printable.Quoted(name)} is not in the bundle", mend);
    }

    /// <summary>The chosen files in the order of the receipt.</summary>
    public IEnumerable<ReceiptFile> In(BundleFolder bundle) =>
        names is null ? bundle.Files() : bundle.Files().Where(f => names.Contains(f.Name));
}
