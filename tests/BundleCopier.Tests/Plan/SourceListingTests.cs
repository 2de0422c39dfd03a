using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Plan;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using Xunit;

namespace BundleCopier.Tests.Plan;

/// <summary>What patterns find where hostile users can make files (docs/manifest.md).</summary>
public sealed class SourceListingTests
{
    private const uint Stranger = 65534;

    private readonly SimKernel kernel = new(new SimFaults(1));
    private CopySettings settings = new();
    private string? owner;

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(1000, 1, true)] // the user that copies
    [InlineData(997, 1, true)] // the manifest's owner
    [InlineData(65534, 1, false)]
    [InlineData(0, 2, false)]
    [InlineData(997, 2, false)]
    public void A_pattern_finds_files_with_one_name_of_root_the_copying_user_and_the_manifests_owner(
        uint uid, ulong links, bool isCopied)
    {
        owner = "engine";
        kernel.Users["engine"] = 997;
        Add("/shm/a", uid, links);
        Assert.Equal(isCopied ? ["a"] : ["a UNTRUSTED"], List("/shm/*"));
        Assert.Equal(["a"], List("/shm/a"));
        settings = settings with { SourceTrust = SourceTrust.Any };
        Assert.Equal(["a"], List("/shm/*"));
    }

    [Fact]
    public void A_file_that_another_user_puts_in_the_place_of_a_trusted_one_is_refused_when_it_is_opened()
    {
        Add("/shm/a", 0);
        SourceListing listing = Listing("/shm/*").Value!;
        kernel.Sources.Clear();
        Add("/shm/a", Stranger);
        using SourceScout scout = new(kernel, settings);
        Assert.False(scout.Open(listing[0].File).Try(out _, out Fault? fault));
        Assert.Equal(FaultKind.SourceUntrusted, fault!.Kind);
        Assert.Contains("the user 65534", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_owner_that_is_no_user_is_an_error_that_names_the_field()
    {
        owner = "engien";
        InputError error = Listing("/shm/*").Error!;
        Assert.Equal("owner", error.Field);
        Assert.Contains("\"engien\" is no user", error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_an_entry_with_a_path_wins_over_a_pattern_wherever_they_stand()
    {
        Add("/a/ring", 0);
        Add("/b/ring", 0);
        Assert.Equal(["ring NAME_TAKEN", "ring"], List("/a/*", "/b/ring"));
        Assert.Equal(["ring", "ring NAME_TAKEN"], List("/b/ring", "/a/*"));
    }

    [Fact]
    public void A_file_called_as_the_directory_of_an_entrys_name_costs_itself()
    {
        Add("/a/cache", 0);
        Add("/b/region", 0);
        BundleManifest manifest = BundleManifest.Create(
            "b", [new ManifestFile("/a/*"), new ManifestFile("/b/region") { Name = "cache/region" }]).Value!;
        Assert.Equal(["cache NAME_TAKEN", "cache/region"], Names(SourceListing.Of(manifest, kernel, settings).Value!));
    }

    [Fact]
    public void Of_two_matches_with_one_name_the_trusted_one_wins_and_then_the_first()
    {
        settings = settings with { SourceTrust = SourceTrust.Any };
        Add("/a/ring", Stranger);
        Add("/b/ring", 0);
        Add("/c/ring", 0);
        Assert.Equal(["ring NAME_TAKEN", "ring", "ring NAME_TAKEN"], List("/a/*", "/b/*", "/c/*"));
    }

    [Fact]
    public void Planted_files_do_not_push_trusted_ones_out_and_most_of_them_are_counted_in_one_entry()
    {
        settings = settings with { SourceMaxFiles = 3 };
        for (int i = 0; i < 1000; i++)
            Add($"/shm/a{i:d4}", Stranger);
        foreach (string name in (string[])["x1", "x2", "x3", "x4", "x5"])
            Add($"/shm/{name}", 0);
        string[] names = List("/shm/*", "/shm/a0500");
        Assert.Equal(["x1", "x2", "x3"], names.Where(static n => n[0] == 'x'));
        Assert.Equal(
            PatternMatches.MaxNamed, names.Count(static n => n.EndsWith(" UNTRUSTED", StringComparison.Ordinal)));
        Assert.Contains("a0500", names);
        Assert.Equal("* LEFT_OUT", names[^1]);
        Assert.Contains(
            "(899 more that other users may have put there or that cannot be looked at, 2 beyond source.max-files)",
            Listing("/shm/*", "/shm/a0500").Value!.Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_are_trusted_the_files_of_known_owners_come_first_all_the_same()
    {
        settings = settings with { SourceMaxFiles = 2, SourceTrust = SourceTrust.Any };
        Add("/shm/a", Stranger);
        Add("/shm/b", Stranger);
        Add("/shm/z", 0);
        Assert.Equal(["a", "z", "* LEFT_OUT"], List("/shm/*"));
    }

    [Fact]
    public void A_copy_that_is_stopped_lists_no_directory_to_its_end()
    {
        for (int i = 0; i < 100; i++)
            Add($"/a/ring-{i}", 0);
        Add("/b/heap", 0);
        HungSources hung = new(kernel);
        int looked = 0;
        kernel.Faults.Hook = (op, _, _) =>
        {
            if (op == SimOp.Look && ++looked == 10)
                hung.StopCause = Fault.Of(FaultKind.DeadlinePassed, "3 s");
            return 0;
        };
        BundleManifest manifest = BundleManifest.Create(
            "b", [new ManifestFile("/a/*"), new ManifestFile("/b/*"), new ManifestFile("/b/heap")]).Value!;
        Assert.Equal(
            ["* DEADLINE", "* DEADLINE", "heap"],
            Names(SourceListing.Of(manifest, kernel, settings, hung).Value!));
        Assert.Equal(10, looked);
    }

    [Fact]
    public void A_pattern_copies_no_more_bytes_than_its_limit()
    {
        settings = settings with { SourceMaxBytes = 3 * 4096 };
        Add("/shm/a", 0, pages: 2);
        Add("/shm/b", 0, pages: 2);
        Add("/shm/c", 0, pages: 1);
        Add("/shm/d", 0, pages: 5);
        Assert.Equal(["a", "c", "d", "* LEFT_OUT"], List("/shm/*", "/shm/d"));
    }

    [Fact]
    public void Where_the_receipt_has_little_room_entries_with_a_path_stay_and_failed_matches_go_first()
    {
        Add("/shm/a", Stranger);
        Add("/shm/b", 0);
        Add("/shm/c", 0);
        SourceListing all = Listing("/shm/*", "/else/heap").Value!;
        long one = (all.ShortReceiptBytes - Listing("/else/heap").Value!.ShortReceiptBytes) / 3;
        Assert.InRange(all.LeastReceiptBytes + (3 * one), all.ShortReceiptBytes, long.MaxValue);

        Assert.Equal(["b", "c", "heap", "* LEFT_OUT"], Names(all.Within(all.LeastReceiptBytes + (2 * one))));
        SourceListing least = all.Within(all.LeastReceiptBytes);
        Assert.Equal(["heap", "* LEFT_OUT"], Names(least));
        Assert.InRange(least.ShortReceiptBytes, 0, all.LeastReceiptBytes);
        Assert.Contains(
            "(3 for which the receipt has no room)", least.Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_receipt_gets_no_more_files_than_one_may_have()
    {
        foreach (string name in (string[])["a", "b", "c"])
            Add($"/shm/{name}", 0);
        SourceListing all = Listing("/shm/*", "/else/heap").Value!;
        Assert.Equal(["a", "heap", "* LEFT_OUT"], Names(all.Within(long.MaxValue, maxFiles: 3)));
        Assert.Equal(["heap", "* LEFT_OUT"], Names(all.Within(long.MaxValue, maxFiles: 1)));
    }

    [Fact]
    public void The_matches_of_a_pattern_get_the_directory_of_its_name_but_for_excluded_ones()
    {
        Add("/shm/a", 0);
        Add("/shm/b.tmp", 0);
        Add("/shm/c", Stranger);
        ManifestFile all = new("/shm/*") { Name = "x/y/", Exclude = ["*.tmp"] };
        Assert.Equal(["x/y/a", "x/y/c UNTRUSTED"], Names(ListingOf(all).Value!));
        Assert.Equal(["x/y/none* ENOENT"], Names(ListingOf(all with { Source = "/shm/none*" }).Value!));
        // The same file under two names is copied twice, under one name once.
        Assert.Equal(
            ["a", "x/y/a", "x/y/c UNTRUSTED"], Names(ListingOf(new ManifestFile("/shm/a"), all).Value!));
        Assert.Equal(
            ["x/y/a", "x/y/c UNTRUSTED"],
            Names(ListingOf(new ManifestFile("/shm/a") { Name = "x/y/a" }, all, all).Value!));
    }

    private Parsed<SourceListing> ListingOf(params ManifestFile[] files) =>
        SourceListing.Of(BundleManifest.Create("b", files).Value!, kernel, settings);

    private void Add(string path, uint uid, ulong links = 1, int pages = 1) =>
        kernel.Add(new SimSource(path, SimContent.Dense(1, pages * SimPages.PageBytes)) { Uid = uid, Links = links });

    private Parsed<SourceListing> Listing(params string[] sources) => SourceListing.Of(
        BundleManifest.Create("b", sources.Select(static s => new ManifestFile(s)), owner: owner).Value!,
        kernel,
        settings);

    private string[] List(params string[] sources) => Names(Listing(sources).Value!);

    private static string[] Names(SourceListing listing) => [.. Enumerable.Range(0, listing.Count)
        .Select(i => listing[i].Fault is { } fault ? $"{listing.NameOf(i)} {fault.Code}" : listing.NameOf(i))];
}

/// <summary>Shortens the tests of listings.</summary>
internal static class ListingExtensions
{
    /// <summary>The error of the last entry.</summary>
    public static Fault Last(this SourceListing listing) => listing[listing.Count - 1].Fault!;
}
