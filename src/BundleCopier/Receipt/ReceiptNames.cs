using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// The names and outputs of a receipt's files, to find two that cannot both exist: one would be restored over the
/// other. Files that are not in the bundle may share a name, because a pattern that matched nothing has no better one.
/// It holds hashes only. What looks like a clash is compared when the files are read once more.
/// </summary>
internal sealed class ReceiptNames
{
    private readonly NameHashes raw = new();
    private readonly NameHashes compressed = new();
    private bool hasDirectories;
    private int count;
    private Suspect? suspect;

    /// <summary>Adds the next file.</summary>
    public void Add(ReceiptFile file)
    {
        int index = count++;
        if (file.Output is null)
            return;
        ulong hash = NameHashes.Of(file.Name);
        bool isCompressed = IsCompressed(file);
        bool isTaken = (isCompressed ? raw : compressed).Contains(hash);
        if (!(isCompressed ? compressed : raw).Add(hash) || isTaken)
            suspect ??= new Suspect(file.Name, index, file.Name, null);
        hasDirectories |= file.Name.Contains('/');
    }

    /// <summary>
    /// A clash, as the field of the later file and what is wrong with it; null when there is none.
    /// </summary>
    /// <param name="files">Reads all files again.</param>
    public (string Field, string Problem)? Clash(Func<IEnumerable<ReceiptFile>> files)
    {
        // Without directories and compressed files only equal names clash.
        if (suspect is null && (hasDirectories || (compressed.Count > 0 && raw.Count > 0)))
        {
            suspect = files().Index()
                .Select(f => f.Item.Output is null ? null : SuspectOf(f.Item, f.Index))
                .FirstOrDefault(static found => found is not null);
        }

        return suspect is null ? null : Confirmed(suspect, files());
    }

    // The file with a name that a file cannot have beside this one; null when there is none.
    private Suspect? SuspectOf(ReceiptFile file, int index)
    {
        string name = file.Name;
        string output = BundleNames.Output(name, IsCompressed(file));
        ulong hash = NameHashes.Of("");
        int done = 0;
        for (int slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            hash = NameHashes.More(hash, name.AsSpan(done, slash - done));
            done = slash;
            if (raw.Contains(hash) || compressed.Contains(hash))
                return new Suspect(name[..slash], index, output, null);
            if (CompressedAs(name.AsSpan(0, slash)) is { } directory)
                return new Suspect(directory, index, output, true);
        }

        return !IsCompressed(file) && CompressedAs(name) is { } other ? new Suspect(other, index, output, true) : null;
    }

    // The name of the compressed file that has this output; null when there is none.
    private string? CompressedAs(ReadOnlySpan<char> output)
    {
        if (!output.EndsWith(BundleNames.CompressedSuffix))
            return null;
        ReadOnlySpan<char> name = output[..^BundleNames.CompressedSuffix.Length];
        return compressed.Contains(NameHashes.Of(name)) ? name.ToString() : null;
    }

    // Two names can have the same hash. Then nothing is wrong.
    private static (string Field, string Problem)? Confirmed(Suspect suspect, IEnumerable<ReceiptFile> files)
    {
        int index = 0;
        foreach (ReceiptFile file in files)
        {
            bool isOther = index != suspect.Index
                && file.Output is not null
                && file.Name == suspect.Other
                && (suspect.IsOtherCompressed is null || IsCompressed(file));
            if (isOther)
            {
                string output = suspect.IsOtherCompressed is null
                    ? file.Name
                    : BundleNames.Output(file.Name, isCompressed: true);
                (string later, string earlier) =
                    index < suspect.Index ? (suspect.Name, output) : (output, suspect.Name);
                string taken = $"{Printable.Quoted(earlier)} of files[{Math.Min(index, suspect.Index)}]";
                return (
                    $"files[{Math.Max(index, suspect.Index)}].name",
                    $"{Printable.Quoted(later)} and {taken} cannot both exist");
            }

            index++;
        }

        return null;
    }

    private static bool IsCompressed(ReceiptFile file) => file.Compression == OutputCompression.Lz4;

    /// <param name="Other">The name of the other file.</param>
    /// <param name="Index">The number of this file.</param>
    /// <param name="Name">Its name, or its output.</param>
    /// <param name="IsOtherCompressed">True where the other file must be compressed.</param>
    private sealed record Suspect(string Other, int Index, string Name, bool? IsOtherCompressed);
}
