using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Manifest;

public sealed class ManifestRulesTests
{
    [Theory]
    [InlineData("/dev//shm/./x", "/dev/shm/x")]
    [InlineData("//x", "/x")]
    [InlineData("/dev/shm/[a/*", "/dev/shm/[a/*")]
    public void Doubled_slashes_and_dots_in_a_source_are_ignored(string source, string normal) =>
        Assert.Equal(normal, Create(new ManifestFile(source)).Value!.Files[0].Source);

    [Theory]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/a/")]
    [InlineData("/a/.")]
    [InlineData("/a/../b")]
    [InlineData("/a/..")]
    [InlineData("/a\0b")]
    public void A_source_that_is_no_absolute_path_of_a_file_is_refused(string source) =>
        Assert.Equal("files[0].source", Create(new ManifestFile(source)).Error!.Field);

    [Fact]
    public void A_source_longer_than_a_system_call_takes_is_refused()
    {
        Assert.True(Create(new ManifestFile(string.Concat(Enumerable.Repeat("/a", 2047)))).IsOk);
        Assert.False(Create(new ManifestFile(string.Concat(Enumerable.Repeat("/a", 2048)))).IsOk);
    }

    [Fact]
    public void A_source_whose_own_name_leaves_no_room_for_the_suffix_needs_a_name()
    {
        string source = $"/dev/shm/{new string('n', 252)}";
        Assert.Contains(
            "Give the file a \"name\"", Create(new ManifestFile(source)).Error!.Mend, StringComparison.Ordinal);
        Assert.True(Create(new ManifestFile(source) { Name = "short" }).IsOk);
    }

    [Fact]
    public void Wildcards_count_in_the_last_component_only()
    {
        BundleManifest manifest = Create(new ManifestFile("/dev/sh*/x"), new ManifestFile("/dev/shm/x*")).Value!;
        Assert.Equal((false, true), (manifest.Files[0].IsPattern, manifest.Files[1].IsPattern));
        Assert.Equal(("/dev/sh*", "x"), (manifest.Files[0].Directory, manifest.Files[0].LastComponent));
        Assert.Equal("/", new ManifestFile("/x").Directory);
    }

    [Theory]
    [InlineData("engine", null)]
    [InlineData("997", 997u)]
    [InlineData("0", 0u)]
    [InlineData("4294967294", 4294967294u)]
    public void An_owner_is_a_name_or_a_number(string owner, uint? number)
    {
        Assert.Equal(owner, BundleManifest.Create("b", [new ManifestFile("/a")], owner: owner).Value!.Owner);
        Assert.Equal(number, ManifestRules.OwnerNumber(owner));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("1e3")]
    [InlineData("a:b")]
    public void An_owner_that_is_neither_is_refused(string owner) =>
        Assert.Equal("owner", BundleManifest.Create("b", [new ManifestFile("/a")], owner: owner).Error!.Field);

    [Fact]
    public void The_name_of_a_pattern_is_a_directory()
    {
        Assert.Equal("files[0].name", Create(new ManifestFile("/dev/shm/*") { Name = "x" }).Error!.Field);
        Assert.Equal("files[0].name", Create(new ManifestFile("/dev/shm/*") { Name = "../" }).Error!.Field);
        Assert.Equal("files[0].name", Create(new ManifestFile("/dev/shm/*") { Name = "/" }).Error!.Field);
        Assert.Equal("files[0].name", Create(new ManifestFile("/dev/shm/x") { Name = "x/" }).Error!.Field);
        Assert.True(Create(new ManifestFile("/dev/shm/*") { Name = "x/y/", Exclude = ["*.tmp"] }).IsOk);
        Assert.Equal("files[0].exclude", Create(new ManifestFile("/dev/shm/x") { Exclude = ["*"] }).Error!.Field);
        Assert.Equal("files[0].exclude[0]", Create(new ManifestFile("/dev/shm/*") { Exclude = [""] }).Error!.Field);
    }

    [Fact]
    public void Two_files_of_one_name_are_refused_with_both_named()
    {
        InputError error = Create(new ManifestFile("/dev/shm/a/heap"), new ManifestFile("/dev/shm/b/heap")).Error!;
        Assert.Equal("files[1].source", error.Field);
        Assert.Equal("\"heap\" is already the name of files[0] (\"/dev/shm/a/heap\")", error.Problem);
    }

    [Fact]
    public void A_default_name_and_a_given_one_may_not_be_equal_either() =>
        Assert.Equal(
            "files[1].name", Create(new ManifestFile("/dev/shm/heap"), new ManifestFile("/dev/shm/x") { Name = "heap" })
            .Error!.Field);

    [Fact]
    public void A_name_may_not_be_a_directory_of_another()
    {
        InputError error = Create(new ManifestFile("/x") { Name = "a/b" }, new ManifestFile("/y") { Name = "a" })
            .Error!;
        Assert.Equal("files[1].name", error.Field);
        Assert.Contains(
            "\"a\" would have to be both a file and the directory of \"a/b\"", error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_patterns_of_one_text_are_left_to_the_plan() =>
        Assert.True(Create(new ManifestFile("/a/*"), new ManifestFile("/b/*")).IsOk);

    [Fact]
    public void An_empty_list_of_files_is_refused() => Assert.Equal("files", Create().Error!.Field);

    [Fact]
    public void Ranges_are_sorted_and_touching_or_overlapping_ones_merged() => Assert.Equal(
        [new(0, 30), new(50, 10)],
        Ranged(new(50, 5), new(10, 10), new(0, 10), new(52, 8), new(15, 15), new(12, 2)).Value!.Files[0].Ranges!);

    [Fact]
    public void A_range_may_reach_the_last_byte_there_can_be_and_no_further()
    {
        Assert.True(Ranged(new ByteRange(1, long.MaxValue - 1)).IsOk);
        Assert.Equal("files[0].ranges[0].length", Ranged(new ByteRange(1, long.MaxValue)).Error!.Field);
        Assert.Equal("files[0].ranges[0].length", Ranged(new ByteRange(long.MaxValue, 1)).Error!.Field);
    }

    [Fact]
    public void Empty_and_negative_ranges_are_refused()
    {
        Assert.Equal("files[0].ranges[0].length", Ranged(new ByteRange(5, 0)).Error!.Field);
        Assert.Equal("files[0].ranges[1].length", Ranged(new(0, 1), new(5, -1)).Error!.Field);
        Assert.Equal("files[0].ranges[0].offset", Ranged(new ByteRange(-5, 10)).Error!.Field);
        Assert.Equal("files[0].ranges", Ranged().Error!.Field);
    }

    [Fact]
    public void A_checked_manifest_cannot_be_changed_by_its_creator()
    {
        List<ByteRange> ranges = [new(0, 1)];
        Dictionary<string, string> labels = new() { ["a"] = "1" };
        BundleManifest manifest =
            BundleManifest.Create("b", [new ManifestFile("/a") { Ranges = ranges }], labels: labels).Value!;
        ranges.Add(new(-1, -1));
        labels.Clear();
        Assert.Single(manifest.Files[0].Ranges!);
        Assert.Single(manifest.Labels);
    }

    [Theory]
    [InlineData("/var/crash", true)]
    [InlineData("relative/dir", true)]
    [InlineData("..", true)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    public void Another_destination_is_checked_as_well(string destination, bool allowed)
    {
        Parsed<BundleManifest> moved = Create(new ManifestFile("/a"))
            .Value!.WithDestination(destination, "--destination");
        Assert.Equal(allowed, moved.IsOk);
        Assert.Equal(allowed ? destination : null, moved.Value?.Destination);
    }

    private static Parsed<BundleManifest> Create(params ManifestFile[] files) => BundleManifest.Create("b", files);

    private static Parsed<BundleManifest> Ranged(params ByteRange[] ranges) =>
        Create(new ManifestFile("/a") { Ranges = ranges });
}
