using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// The names and outputs of a receipt's files, to find two that cannot both exist: one would be restored over the
/// other. Files that are not in the bundle may share a name, because a pattern that matched nothing has no better one.
/// </summary>
internal sealed class ReceiptNames
{
    private readonly List<Entry> entries = [];
    private int count;
    private bool hasCompressed;

    private readonly record struct Entry(string Name, int Index, bool IsCompressed);

    /// <summary>Adds the next file.</summary>
    public void Add(ReceiptFile file)
    {
        bool isCompressed = file.Compression == OutputCompression.Lz4;
        if (file.Output is not null)
            entries.Add(new Entry(file.Name, count, isCompressed));
        hasCompressed |= file.Output is not null && isCompressed;
        count++;
    }

    /// <summary>
    /// The first clash, as the field of the later file and what is wrong with it; null when there is none.
    /// </summary>
    public (string Field, string Problem)? Clash()
    {
        // An output is files/NAME or files/NAME.lz4, so without compressed files the outputs clash where the names do.
        NameClash? clash = (hasCompressed ? ClashOf(OutputOf) : null) ?? ClashOf(static e => e.Name);
        if (clash is null)
            return null;
        (NamedEntry earlier, NamedEntry later) =
            clash.First.Index < clash.Second.Index ? (clash.First, clash.Second) : (clash.Second, clash.First);
        string taken = $"{Printable.Quoted(earlier.Name)} of {earlier.Claimant}";
        return ($"{later.Claimant}.name", $"{Printable.Quoted(later.Name)} and {taken} cannot both exist");
    }

    private NameClash? ClashOf(Func<Entry, string> name) =>
        NameSet.Of(entries.Select(e => new NamedEntry(name(e), $"files[{e.Index}]", e.Index))).Clash;

    private static string OutputOf(Entry entry) =>
        BundleNames.Output(entry.Name, entry.IsCompressed);
}
