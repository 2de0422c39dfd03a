using BundleCopier.Cli;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>What <c>copy</c> and <c>init</c> make of their arguments.</summary>
public sealed class CopySourcesTests : IDisposable
{
    private readonly string top = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose() => Directory.Delete(top, recursive: true);

    [Fact]
    public void A_directory_becomes_a_pattern_for_each_directory_in_it()
    {
        Make("d/a", "d/.hidden", "d/sub/b", "d/sub/deep/c");
        Directory.CreateDirectory(Path.Combine(top, "d/empty"));
        Assert.Equal(
            [
                ("d/*", "d/"), ("d/.*", "d/"), ("d/sub/*", "d/sub/"), ("d/sub/deep/*", "d/sub/deep/"),
            ],
            Entries("d/"));
    }

    [Fact]
    public void Files_patterns_and_what_is_missing_are_named_as_in_a_manifest()
    {
        Make("a");
        Assert.Equal([("a", null), ("x-*.ring", null), ("missing", null)], Entries("a", "x-*.ring", "missing"));
    }

    [Fact]
    public void A_file_that_a_shell_has_found_is_that_file_also_if_its_name_looks_like_a_pattern()
    {
        Make("a[1]");
        Assert.Equal([(@"a\[1]", null)], Entries("a[1]"));
    }

    [Fact]
    public void What_is_excluded_is_excluded_at_each_depth()
    {
        Make("d/a", "d/a.tmp", "d/old/b", "d/sub/old/c", "d/sub/only.tmp");
        SourceEntries found = Of(["d", "p-*", "d/a.tmp"], "*.tmp", "old").Value!;
        Assert.Equal(["d/*", "p-*", "d/a.tmp"], found.Files.Select(f => Path.GetRelativePath(top, f.Source)));
        Assert.All(found.Files.SkipLast(1), static f => Assert.Equal(["*.tmp", "old"], f.Exclude));
        Assert.Null(found.Files[^1].Exclude);
    }

    [Fact]
    public void Links_and_other_kinds_are_noted_and_not_followed()
    {
        Make("d/a");
        File.CreateSymbolicLink(Path.Combine(top, "d/link"), "/etc");
        SourceEntries found = Of(["d"]).Value!;
        Assert.Single(found.Files);
        string note = Assert.Single(found.Notes);
        Assert.Contains("d/link: it is a symbolic link", note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wildcard_in_a_directory_is_refused_with_the_rule()
    {
        Make("d/a");
        InputError error = Of([Path.Combine(top, "*/a")]).Error!;
        Assert.Contains("only in the last component", error.ToString(), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(top, "*"));
        Assert.True(Of([Path.Combine(top, "*/a")]).IsOk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//.")]
    public void What_names_nothing_is_refused(string source) =>
        Assert.False(CopySources.Of(LinuxKernel.Instance, [source], []).IsOk);

    [Theory]
    [InlineData("")]
    [InlineData("sub/*.tmp")]
    public void A_pattern_that_is_not_for_names_is_refused(string exclude) =>
        Assert.Equal("--exclude", Of(["a"], exclude).Error!.Where);

    [Fact]
    public void A_directory_without_files_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(top, "d/empty"));
        Assert.Contains("has no file in it", Of(["d"]).Error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_manifest_that_is_written_means_the_same()
    {
        ManifestFile[] files =
        [
            new("/dev/shm/a"), new("/dev/shm/d/*") { Name = "d/", Exclude = ["*.tmp", "\udcff*"] },
            new("/dev/shm/\udcff\\") { Name = "x" },
        ];
        BundleManifest manifest = BundleManifest.Create("b", files, "/var/crash").Value!;
        byte[] text = ManifestText.Of(manifest);
        BundleManifest read = ManifestReader.Read(text, "text").Value!;
        Assert.Equal((manifest.Bundle, manifest.Destination), (read.Bundle, read.Destination));
        Assert.Equal(
            manifest.Files.Select(static f => (f.Source, f.Name, string.Join(' ', f.Exclude ?? []))),
            read.Files.Select(static f => (f.Source, f.Name, string.Join(' ', f.Exclude ?? []))));
    }

    [Theory]
    [InlineData("b-{host}-{time}-{boot}", "b-node_17-T-B")]
    [InlineData("plain", "plain")]
    [InlineData("{", "{")]
    public void A_name_has_its_placeholders_filled_in(string text, string expected) =>
        Assert.Equal(
            expected,
            BundleNameText.Expand(
                text, "--bundle", p => p switch { "{host}" => "node 17", "{time}" => "T", _ => "B" }).Value);

    [Fact]
    public void A_placeholder_that_is_not_known_is_named_with_the_nearest_one()
    {
        InputError error = BundleNameText.Expand("{hots}", "--bundle").Error!;
        Assert.Equal("--bundle: \"{hots}\" is not known. Did you mean \"{host}\"?", error.ToString());
        Assert.Matches("^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{32}$", BundleNameText.Expand("{time}-{boot}", "--bundle").Value);
    }

    [Fact]
    public void The_receipt_names_the_command_as_a_shell_takes_it()
    {
        Assert.Equal(
            "bundlecopy copy --name 'b-{host}' '/a b' 'it'\\''s' ''",
            ProgramOrigin.CommandOf(["/usr/bin/bundlecopy", "copy", "--name", "b-{host}", "/a b", "it's", ""]));
        Assert.InRange(ProgramOrigin.CommandOf(["x", new string('y', 5000)]).Length, 100, 410);
        Assert.Equal(("0.1.0", "abc"), ProgramOrigin.VersionOf("0.1.0+abc"));
        Assert.Equal(("0.1.0", null), ProgramOrigin.VersionOf("0.1.0"));
    }

    [Theory]
    [InlineData("writer.threads", "--set: \"writer.threads\" is not KEY=VALUE.")]
    [InlineData("=2", "--set: \"=2\" is not KEY=VALUE.")]
    [InlineData(
        "writer.treads=2", "--set: writer.treads: is not a setting of a copy. Did you mean \"writer.threads\"?")]
    [InlineData("max-rate=2MiB", "Did you mean \"writer.max-rate\"?")]
    [InlineData("serve.spool=/x", "is not a setting of a copy")]
    [InlineData("io-dispatcher=x", "is not a setting of a copy")]
    public void A_setting_that_is_not_one_is_named(string text, string words) =>
        Assert.Contains(words, SettingOverlay.Parse(text).Error!.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Every_setting_of_a_copy_can_be_given_and_errors_name_the_option()
    {
        ConfigFile file = ConfigFile.Read(null).Value!;
        foreach (string key in SettingOverlay.Keys)
        {
            string value = ReferenceText(key);
            Assert.True(SettingOverlay.Apply(file, [SettingOverlay.Parse($"{key}={value}").Value]).IsOk, key);
        }

        ConfigFile changed = SettingOverlay.Apply(
            file,
            [
                SettingOverlay.Parse("bundle-copier.writer.threads = 3").Value,
                SettingOverlay.Parse("writer.threads=2").Value,
                new("--profile", SettingKeys.GovernorProfile, "GENTLE"),
            ]).Value!;
        Assert.Equal(2, changed.Copy.WriterThreads);
        Assert.Equal("Gentle", changed.Copy.GovernorProfile.ToString());
        Assert.StartsWith(
            "--profile: \"x\"y\" is not a known choice",
            SettingOverlay.Apply(file, [new("--profile", SettingKeys.GovernorProfile, "x\"y")]).Error!.ToString(),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "--set writer.threads: ",
            SettingOverlay.Apply(file, [SettingOverlay.Parse("writer.threads=99").Value]).Error!.ToString(),
            StringComparison.Ordinal);
    }

    private static string ReferenceText(string key) =>
        HoconTree.Read(ReferenceConfig.Value, "reference.conf").Value![key];

    private void Make(params string[] files)
    {
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(top, file))!);
            File.WriteAllText(Path.Combine(top, file), file);
        }
    }

    private Parsed<SourceEntries> Of(string[] sources, params string[] exclude) =>
        CopySources.Of(LinuxKernel.Instance, [.. sources.Select(s => Path.Combine(top, s))], exclude);

    private (string Source, string? Name)[] Entries(params string[] sources) =>
        [.. Of(sources).Value!.Files.Select(f => (Path.GetRelativePath(top, f.Source), f.Name))];
}
