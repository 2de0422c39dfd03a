using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Receipt;

public sealed class ReceiptNamesTests
{
    private static readonly string[] Parts = ["a", "b", "a.lz4", "b.lz4", "a.lz4.lz4"];

    // Names that are easily equal, a directory of another, or the output of another.
    private static readonly Gen<(string Name, bool IsCompressed)[]> Some = Gen.Select(
        Gen.Int[0, 4].Select(static i => Parts[i]).Array[1, 3].Select(static parts => string.Join('/', parts)),
        Gen.Bool).Array[1, 6];

    [Fact]
    public void Names_clash_where_the_sorted_names_or_outputs_clash() => Some.Sample(
        static some =>
        {
            ReceiptFile[] files = [.. some.Select(static s => FileOf(s.Name, s.IsCompressed))];
            bool clashes = Clashes(files, static f => f.Name)
                || Clashes(files, static f => f.Output![BundleNames.FilesPrefix.Length..]);
            return clashes == ClashOf(files) is not null;
        },
        iter: 20_000);

    [Fact]
    public void The_later_file_and_both_names_are_told() => Assert.Equal(
        ("files[2].name", "\"a.lz4\" and \"a.lz4\" of files[0] cannot both exist"),
        ClashOf([FileOf("a.lz4", false), FileOf("b", false), FileOf("a", true)]));

    [Fact]
    public void A_set_of_hashes_has_what_was_added()
    {
        NameHashes set = new();
        Assert.True(Enumerable.Range(0, 100_000).All(i => set.Add(NameHashes.Of($"{i}"))));
        Assert.True(Enumerable.Range(0, 100_000).All(i => set.Contains(NameHashes.Of($"{i}"))));
        Assert.DoesNotContain(Enumerable.Range(100_000, 100_000), i => set.Contains(NameHashes.Of($"{i}")));
        Assert.False(set.Add(NameHashes.More(NameHashes.Of("12"), "34")));
        Assert.True(set.Add(0));
        Assert.False(set.Add(0));
    }

    private static (string Field, string Problem)? ClashOf(ReceiptFile[] files)
    {
        ReceiptNames names = new();
        foreach (ReceiptFile file in files)
            names.Add(file);
        return names.Clash(() => files);
    }

    private static bool Clashes(ReceiptFile[] files, Func<ReceiptFile, string> name) =>
        NameSet.Of(files.Select((f, i) => new NamedEntry(name(f), "", i))).Clash is not null;

    private static ReceiptFile FileOf(string name, bool isCompressed) => Receipts.Copied with
    {
        Name = name,
        Output = BundleNames.FilesPrefix + BundleNames.Output(name, isCompressed),
        Compression = isCompressed ? OutputCompression.Lz4 : OutputCompression.None,
    };
}
