using System.Text;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using Xunit;

namespace BundleCopier.Tests.Manifest;

public sealed class ManifestReaderTests
{
    public const string Full = """
        {
          "version": 1,
          "bundle": "node17-20261122T201405Z",
          "destination": "/var/crash",
          "labels": { "reason": "watchdog", "host": "node17" },
          "files": [
            { "source": "/dev/shm/engine.heap", "priority": 10 },
            { "source": "/dev/shm/engine-*.ring" },
            { "source": "/dev/shm/cache", "name": "cache/region0", "ranges": [ { "offset": 0, "length": 1073741824 } ] }
          ]
        }
        """;

    [Fact]
    public void A_full_manifest_is_read_as_it_says()
    {
        BundleManifest manifest = Read(Full).Value!;
        Assert.Equal("node17-20261122T201405Z", manifest.Bundle);
        Assert.Equal("/var/crash", manifest.Destination);
        Assert.Equal([new("host", "node17"), new("reason", "watchdog")], manifest.Labels);
        Assert.Equal(3, manifest.Files.Count);
        Assert.Equal(
            ("/dev/shm/engine.heap", null, 10, false),
            (manifest.Files[0].Source, manifest.Files[0].Name, manifest.Files[0].Priority,
                manifest.Files[0].IsPattern));
        Assert.True(manifest.Files[1].IsPattern);
        Assert.Equal("cache/region0", manifest.Files[2].Name);
        Assert.Equal([new ByteRange(0, 1073741824)], manifest.Files[2].Ranges!);
    }

    [Fact]
    public void Entries_for_memory_are_read_as_they_say()
    {
        BundleManifest manifest = Read(
            """
            {"version":1,"bundle":"b","files":[
              {"process":4711,"memory":"shared","include":["a*"],"exclude":["b"],"name":"engine","priority":3},
              {"process":4712},
              {"sysv":0,"compression":"lz4"},
              {"sysv":7,"name":"x/y","ranges":[{"offset":0,"length":1}]}]}
            """).Value!;
        Assert.Equal(
            (4711, "a*", "b", "engine", 3),
            (manifest.Files[0].Process!.Pid, manifest.Files[0].Process!.Include!.Single(),
                manifest.Files[0].Process!.Exclude!.Single(), manifest.Files[0].Name, manifest.Files[0].Priority));
        Assert.Equal((4712, "/proc/4712/map_files/*"), (manifest.Files[1].Process!.Pid, manifest.Files[1].Source));
        Assert.Equal((0, "sysv-0"), (manifest.Files[2].SysV, manifest.Files[2].LastComponent));
        Assert.Equal((7, "x/y"), (manifest.Files[3].SysV, manifest.Files[3].Name));
    }

    [Theory]
    [InlineData("""{}""", "source", "is missing")]
    [InlineData("""{"source":"/s","process":1}""", "process", "cannot be given together with \"source\"")]
    [InlineData("""{"process":1,"sysv":1}""", "sysv", "cannot be given together with \"process\"")]
    [InlineData("""{"process":0}""", "process", "is 0")]
    [InlineData("""{"process":"x"}""", "process", "has the wrong type")]
    [InlineData("""{"process":1,"memory":"private"}""", "memory", "\"private\" is not a known choice")]
    [InlineData("""{"source":"/s","memory":"shared"}""", "memory", "is only for a process")]
    [InlineData("""{"sysv":1,"include":["a"]}""", "include", "is only for a process")]
    [InlineData("""{"process":1,"include":[]}""", "include", "has 0 patterns")]
    [InlineData("""{"process":1,"exclude":[""]}""", "exclude[0]", "is empty or too long")]
    [InlineData("""{"process":1,"ranges":[{"offset":0,"length":1}]}""", "ranges", "cannot be given for a process")]
    [InlineData("""{"process":1,"name":"../x"}""", "name", "\"..\" is not allowed")]
    [InlineData("""{"sysv":-1}""", "sysv", "is -1")]
    [InlineData("""{"sysv":1},{"source":"/x/sysv-1"}""", null, "\"sysv-1\" is already the name of")]
    public void An_entry_for_memory_that_is_wrong_names_the_field(string entry, string? field, string problem)
    {
        InputError error = Read($$"""{"version":1,"bundle":"b","files":[{{entry}}]}""").Error!;
        Assert.Equal(field is null ? "files[1].source" : $"files[0].{field}", error.Field);
        Assert.StartsWith(problem, error.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(error.Mend);
    }

    [Fact]
    public void Only_version_bundle_and_one_source_are_needed()
    {
        BundleManifest manifest = Read("""{"version":1,"bundle":"b","files":[{"source":"/s"}]}""").Value!;
        Assert.Null(manifest.Destination);
        Assert.Empty(manifest.Labels);
        Assert.Null(manifest.Files[0].Ranges);
    }

    [Theory]
    [InlineData("\"engine\"", "engine")]
    [InlineData("997", "997")]
    [InlineData("[]", null)]
    [InlineData("true", null)]
    [InlineData("9.5", null)]
    public void An_owner_may_be_a_string_or_a_number(string json, string? owner)
    {
        Parsed<BundleManifest> read =
            Read($$"""{"version":1,"bundle":"b","owner":{{json}},"files":[{"source":"/s"}]}""");
        Assert.Equal(owner, read.Value?.Owner);
        Assert.Equal(owner is null ? "owner" : null, read.Error?.Field);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.True(ManifestReader.Read([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Full)], "m").IsOk);

    [Theory]
    [InlineData("", "", "is empty")]
    [InlineData(" \n", "", "is empty")]
    [InlineData("null", "", "must not be null")]
    [InlineData("[]", "", "wrong type")]
    [InlineData("3", "", "wrong type")]
    [InlineData("{} {}", "", "not valid JSON at line 1, column 4")]
    [InlineData("{\n  // c\n}", "", "not valid JSON at line 2, column 3")]
    [InlineData("""{"version":1,}""", "version", "not valid JSON")]
    [InlineData("""{"version":1""", "version", "not valid JSON")]
    [InlineData("""{"version":1,"version":1}""", "version", "given twice")]
    [InlineData("""{"labels":{"a":"1","a":"2"}}""", "labels.a", "given twice")]
    [InlineData("""{"files":[{},{"source":"/a","source":"/b"}]}""", "files[1].source", "given twice")]
    [InlineData("""{"files":[{"n\u0061me":"a","name":"b"}]}""", "files[0].name", "given twice")]
    [InlineData("{}", "version", "is missing")]
    [InlineData("""{"version":2,"colour":1}""", "version", "is 2")]
    [InlineData("""{"version":"1"}""", "version", "wrong type")]
    [InlineData("""{"version":1.5}""", "version", "wrong type")]
    [InlineData("""{"version":1,"destination":null}""", "destination", "must not be null")]
    [InlineData("""{"version":1,"bundle":"b","files":[null]}""", "files[0]", "must not be null")]
    [InlineData("""{"version":1,"labels":{"a":1}}""", "labels.a", "wrong type")]
    [InlineData("""{"version":1,"labels":{"a b":1}}""", "labels['a b']", "wrong type")]
    [InlineData("""{"version":1,"bundle":"\ud800"}""", "bundle", "holds an escape")]
    [InlineData("""{"version":1,"bundle":"b"}""", "files", "is missing")]
    [InlineData("""{"version":1,"files":[]}""", "bundle", "is missing")]
    [InlineData("""{"version":1,"bundle":"b","files":{}}""", "files", "wrong type")]
    [InlineData("""{"version":1,"bundle":"b","files":["/a"]}""", "files[0]", "wrong type")]
    [InlineData("""{"version":1,"bundle":"b","Files":[]}""", "Files", "not a known field")]
    public void Text_that_is_no_manifest_is_refused_by_name(string text, string field, string problem) =>
        AssertError(text, field, problem);

    [Theory]
    [InlineData("""{}""", "files[0].source", "is missing")]
    [InlineData("""{"source":"/a","nmae":"x"}""", "files[0].nmae", "not a known field")]
    [InlineData("""{"source":"/a","compression":"zip"}""", "files[0].compression", "not a known choice")]
    [InlineData("""{"source":"/a","priority":"1"}""", "files[0].priority", "wrong type")]
    [InlineData("""{"source":"/a","priority":2147483648}""", "files[0].priority", "out of range")]
    [InlineData("""{"source":"/a","ranges":[{"offset":0}]}""", "files[0].ranges[0].length", "is missing")]
    [InlineData("""{"source":"/a","ranges":[{"length":1}]}""", "files[0].ranges[0].offset", "is missing")]
    [InlineData(
        """{"source":"/a","ranges":[{"offset":0,"length":1,"size":2}]}""", "files[0].ranges[0].size",
        "not a known field")]
    [InlineData(
        """{"source":"/a","ranges":[{"offset":9223372036854775808,"length":1}]}""", "files[0].ranges[0].offset",
        "out of range")]
    [InlineData("""{"source":"/a","ranges":[{"offset":-1,"length":1}]}""", "files[0].ranges[0].offset", "is -1")]
    [InlineData("""{"source":"/a","name":"../x"}""", "files[0].name", "\"..\" is not allowed")]
    [InlineData("""{"source":"a"}""", "files[0].source", "not an absolute path")]
    public void A_wrong_entry_is_refused_with_its_full_path(string file, string field, string problem) =>
        AssertError($$"""{"version":1,"bundle":"b","files":[{{file}}]}""", field, problem);

    [Fact]
    public void The_error_for_an_unknown_field_names_the_similar_field() => Assert.Equal(
        "m: files[0].nmae: is not a known field. Did you mean \"name\"?",
        Read("""{"version":1,"bundle":"b","files":[{"source":"/a","nmae":"x"}]}""").ToString());

    [Fact]
    public void The_error_for_an_unknown_field_without_a_similar_one_names_all_fields() => Assert.Equal(
        "m: colour: is not a known field. Allowed here: version, bundle, destination, owner, labels, files.",
        Read("""{"version":1,"colour":"red"}""").ToString());

    [Theory]
    [InlineData("{\"version\":1,}", "Take out the comma")]
    [InlineData("{ /* c */ }", "Comments are not allowed")]
    [InlineData("{'version':1}", "double quotes")]
    [InlineData("{\"version\":1", "ends too early")]
    [InlineData("{} x", "Only one JSON object")]
    public void Messages_for_common_JSON_errors_name_the_correction(string text, string mend) =>
        Assert.Contains(mend, Read(text).Error!.Mend, StringComparison.Ordinal);

    [Fact]
    public void An_escaped_entry_means_bytes_that_are_not_UTF8()
    {
        ManifestFile file = Read(
            """
            {"version":1,"bundle":"b","files":[
            {"source":"/a\\xff/b\\\\c","name":"d/\\xe2\\x82\\xac\\x80","escaped":true}]}
            """).Value!.Files[0];
        Assert.Equal(("/a\udcff/b\\c", "d/€\udc80"), (file.Source, file.Name));
        Assert.False(file.IsPattern);
    }

    [Theory]
    [InlineData("""{"source":"/a\\b","escaped":true}""", "files[0].source", "a backslash that escapes nothing")]
    [InlineData("""{"source":"/a","name":"\\x2f","escaped":true}""", "files[0].name", "a backslash that escapes")]
    [InlineData("""{"source":"/a\\x00","escaped":true}""", "files[0].source", "a backslash that escapes nothing")]
    [InlineData("""{"source":"/a","escaped":"yes"}""", "files[0].escaped", "has the wrong type")]
    public void A_wrong_escape_is_refused_with_its_field(string file, string field, string problem) =>
        AssertError($$"""{"version":1,"bundle":"b","files":[{{file}}]}""", field, problem);

    [Fact]
    public void Without_escaped_a_backslash_is_itself() => Assert.Equal(
        @"/a\xff", Read("""{"version":1,"bundle":"b","files":[{"source":"/a\\xff"}]}""").Value!.Files[0].Source);

    [Fact]
    public void Text_that_is_not_UTF8_is_refused_with_its_place() =>
        Assert.Contains(
            "is not UTF-8 (line 2, column 2)", ManifestReader.Read(
            [(byte)'{', (byte)'\n', (byte)' ', 0xFF, (byte)'}'], "m").ToString(), StringComparison.Ordinal);

    [Fact]
    public void More_than_16_MiB_is_refused_and_exactly_16_MiB_is_read()
    {
        byte[] text = new byte[ManifestReader.MaxBytes + 1];
        text.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(Full, text);
        Assert.Contains("larger than 16 MiB", ManifestReader.Read(text, "m").ToString(), StringComparison.Ordinal);
        Assert.True(ManifestReader.Read(text.AsSpan(0, ManifestReader.MaxBytes), "m").IsOk);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"files\":[{\"ranges\":[")]
    public void Extremely_deep_nesting_is_refused(string once) =>
        Assert.Contains(
            "levels deep", Read(string.Concat(Enumerable.Repeat(once, 100_000))).ToString(), StringComparison.Ordinal);

    [Fact]
    [Trait("Speed", "slow")]
    public void A_hundred_thousand_files_are_read()
    {
        string files = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $$"""{"source":"/dev/shm/f{{i}}"}"""));
        Assert.Equal(100_000, Read($$"""{"version":1,"bundle":"b","files":[{{files}}]}""").Value!.Files.Count);
    }

    private static Parsed<BundleManifest> Read(string text) => ManifestReader.Read(Encoding.UTF8.GetBytes(text), "m");

    private static void AssertError(string text, string field, string problem)
    {
        InputError error = Read(text).Error!;
        Assert.NotNull(error);
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.Matches("[.?]$", error.Mend);
    }
}
