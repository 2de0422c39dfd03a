using System.Text;
using BundleCopier.Cli;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>Names, existing files, several bundles and metadata, on a real disk.</summary>
public sealed class ExtractOptionTests : IDisposable
{
    private const int Segment = 1 << 20;

    private static readonly byte[] Content = Contents.Text(Segment + 5000, 1);
    private static readonly ReceiptMissing Full = new("ENOSPC", 1, 182L * Segment, "the disk is full");

    private readonly TestBundle bundle = new();
    private readonly List<FileRestoration> told = [];

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void Directories_and_patterns_are_names()
    {
        bundle.AddLz4("core", [1]).AddRaw("cache/a", [2]).AddRaw("cache/d/b", [3]).AddRaw("e-1", [4]).AddRaw("e-2", [5])
            .Seal();
        Extract(new ExtractOptions(), "cache", "e-[2-9]");
        Assert.Equal(["cache/a", "cache/d/b", "e-2"], told.Select(static f => f.File.Name).Order());
        Assert.False(File.Exists(bundle.Restored("core")));
    }

    [Fact]
    public void Files_that_exist_are_left_as_they_are_and_counted()
    {
        bundle.AddLz4("a", Content).AddRaw("d/b", Content).AddRaw("c", Content).Seal();
        Directory.CreateDirectory(bundle.Restored("d"));
        File.WriteAllText(bundle.Restored("d/b"), "mine");
        // Whatever it is.
        Directory.CreateDirectory(bundle.Restored("c"));
        ExtractReport.Done done = Extract(new ExtractOptions { SkipExisting = true });
        Assert.Equal((1, 2), (done.Count(RestoreKind.Restored), done.Count(RestoreKind.Existing)));
        Assert.Equal("mine", File.ReadAllText(bundle.Restored("d/b")));
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("a")));
        Assert.Equal(0, ExtractRun.CodeOf(done));
        done = Extract(new ExtractOptions { SkipExisting = true });
        Assert.Equal(3, done.Count(RestoreKind.Existing));
        Assert.IsType<ExtractReport.Refused>(new BundleExtractor().Extract(bundle.Bundle, bundle.Destination));
    }

    [Fact]
    public void A_link_above_a_file_is_an_obstacle_also_where_existing_files_are_skipped()
    {
        bundle.AddLz4("d/b", [1]).Seal();
        string elsewhere = Directory.CreateDirectory(Path.Combine(bundle.Root, "elsewhere")).FullName;
        Directory.CreateDirectory(bundle.Destination);
        Directory.CreateSymbolicLink(bundle.Restored("d"), elsewhere);
        Assert.IsType<ExtractReport.Refused>(new BundleExtractor().Extract(
            bundle.Bundle, bundle.Destination, null, told.Add, new ExtractOptions { SkipExisting = true }));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public void A_file_that_the_bundle_has_in_part_stays_incomplete_where_it_exists_already()
    {
        ReceiptFile part = Receipts.Raw("part", Content) with { Status = FileStatus.Partial };
        bundle.Add(part, Content).Seal(missing: [Full]);
        ExtractReport.Done done = Extract(new ExtractOptions { SkipExisting = true });
        Assert.Equal(3, ExtractRun.CodeOf(done));
        Assert.Equal("1 of 183 MiB saved; 182 MiB missing: the disk is full", ExtractRun.LackOf(done));
        done = Extract(new ExtractOptions { SkipExisting = true });
        Assert.Equal(1, done.Count(RestoreKind.Existing));
        Assert.Equal(3, ExtractRun.CodeOf(done));
        // Of some files it is not known how much is missing.
        Assert.Null(ExtractRun.LackOf(Extract(new ExtractOptions { SkipExisting = true }, "part")));
    }

    [Fact]
    public void Progress_ends_with_all_files_that_were_chosen()
    {
        bundle.AddLz4("a", Content).AddRaw("b", Content).AddRaw("c", []).Seal();
        Heard heard = new();
        Assert.IsType<ExtractReport.Done>(
            new BundleExtractor { Progress = heard }.Extract(bundle.Bundle, bundle.Destination, ["b"]));
        Assert.All(
            heard.Reports, static r => Assert.Equal((1, Content.Length), (r.FilesTotal, (int)r.StoredBytesTotal)));
        Assert.NotEmpty(heard.Reports);
    }

    [Fact]
    public void Mode_time_and_attributes_of_the_source_come_back()
    {
        bool isRoot = Environment.IsPrivilegedProcess;
        SourceMetadata metadata = new()
        {
            Mode = 0x9A0, // 04640
            Uid = isRoot ? 4711 : (uint)Tmds.Linux.LibC.geteuid(),
            Gid = isRoot ? 4712 : (uint)Tmds.Linux.LibC.getegid(),
            ModifiedAt = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000).AddMilliseconds(123),
            ModifiedNs = 123_456_789,
            ChangedAt = DateTimeOffset.UnixEpoch,
            Xattrs = new Dictionary<string, ReadOnlyMemory<byte>> { ["user.note"] = "hello"u8.ToArray() },
        };
        bundle.Add(Receipts.Raw("a", Content) with { SourceMetadata = metadata }, Content)
            .Add(Reading.Entry(Content, "b") with { SourceMetadata = metadata }, ReferenceEncoder.Encode(Content))
            .Seal();
        ExtractReport.Done done = Extract(new ExtractOptions { Preserve = true });
        Assert.Equal((2, 2), (done.Count(RestoreKind.Restored), done.NotPreserved));
        Assert.Equal(3, ExtractRun.CodeOf(done));
        Assert.All(told, static f => Assert.Contains("set-user-ID", f.NotPreserved[^1], StringComparison.Ordinal));
        foreach (string name in (string[])["a", "b"])
        {
            Assert.Equal(Content, File.ReadAllBytes(bundle.Restored(name)));
            Stock.Shell(bundle.Destination, $"stat -c '%a %u %g %.9Y' {name}", out string found);
            Assert.Equal($"640 {metadata.Uid} {metadata.Gid} 1700000000.123456789\n", found);
            Assert.Equal("hello", NoteOf(name));
        }
    }

    [Fact]
    public void Several_bundles_go_into_directories_of_their_own_and_two_of_one_name_are_refused()
    {
        Parsed<ExtractedBundle[]> below = ExtractCommand.Below("/restored/", ["/var/crash/a", "/var/crash/b/"]);
        Assert.Equal(
            [new ExtractedBundle("/var/crash/a", "/restored/a"), new ExtractedBundle("/var/crash/b/", "/restored/b")],
            below.Value!);
        below = ExtractCommand.Below("/restored", ["/var/crash/a", "/elsewhere/a"]);
        Assert.Contains("\"/var/crash/a\" and \"/elsewhere/a\" have the same name", below.ToString());
        Assert.False(ExtractCommand.Below("/restored", ["/"]).IsOk);
    }

    [Fact]
    public async Task Several_bundles_are_restored_below_one_directory()
    {
        bundle.AddLz4("a", Content).Seal();
        string second = Path.Combine(bundle.Root, "second");
        Stock.Shell(bundle.Root, "cp -a b second", out _);
        Assert.Equal(2, await CommandLine.RunAsync(["extract", "--to", bundle.Destination, bundle.Bundle, second,
            $"{bundle.Root}/./second"]));
        Assert.False(Directory.Exists(bundle.Destination));
        Assert.Equal(4, await CommandLine.RunAsync(["extract", bundle.Bundle, "--to", bundle.Destination, second,
            Path.Combine(bundle.Root, "none")]));
        Assert.False(Directory.Exists(bundle.Destination));
        Assert.Equal(0, await CommandLine.RunAsync(["extract", bundle.Bundle, "--to", bundle.Destination, second]));
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("b/a")));
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("second/a")));
        Assert.Equal(0, await CommandLine.RunAsync(["extract", "-q", "--skip-existing", "--to", bundle.Destination,
            bundle.Bundle, second]));
    }

    [KernelFact]
    public void A_failure_leaves_no_empty_directory_and_a_file_in_its_place_is_named()
    {
        bundle.AddRaw("a", Content).Seal();
        string file = Path.Combine(bundle.Root, "file");
        File.WriteAllText(file, "");
        CliResult onto = EndToEnd.Cli.Run("extract", bundle.Bundle, file);
        Ended.With(4, onto);
        Ended.Says(onto, $"{file} is not a directory. Name a directory.");
        string none = Path.Combine(bundle.Root, "none");
        Ended.With(4, EndToEnd.Cli.Run("extract", "--to", bundle.Destination, none));
        Assert.False(Directory.Exists(bundle.Destination));
    }

    [KernelFact]
    public void Json_of_extract_tells_what_became_of_the_files()
    {
        ReceiptFile part = Receipts.Raw("part", Content) with { Status = FileStatus.Partial };
        bundle.AddLz4("a", Content).Add(part, Content).Seal(missing: [Full]);
        CliResult result = EndToEnd.Cli.Run("extract", bundle.Bundle, bundle.Destination, "--json", "--preserve");
        Ended.With(3, result);
        System.Text.Json.Nodes.JsonNode json = System.Text.Json.Nodes.JsonNode.Parse(result.Output)!;
        Assert.Equal("extracted", (string)json["event"]!);
        Assert.Equal(bundle.Destination, (string)json["destination"]!);
        Assert.Equal((2, 1, 1, 2), ((int)json["files"]!, (int)json["filesRestored"]!, (int)json["filesPartial"]!,
            (int)json["filesNotPreserved"]!));
        Assert.Contains("182 MiB missing", (string)json["message"]!, StringComparison.Ordinal);
        Ended.Says(result, "182 MiB missing: the disk is full", "not preserved: files/a.lz4: mode, owner and time");
        result = EndToEnd.Cli.Run("extract", bundle.Bundle, bundle.Destination, "--json");
        Ended.With(4, result);
        Assert.StartsWith("{\"event\":\"error\"", result.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void The_program_keeps_the_rights_that_preserve_needs()
    {
        bool isRoot = Environment.IsPrivilegedProcess;
        SourceMetadata metadata = new()
        {
            Mode = 0x120, // 0440
            Uid = isRoot ? 4711 : (uint)Tmds.Linux.LibC.geteuid(),
            Gid = isRoot ? 4712 : (uint)Tmds.Linux.LibC.getegid(),
            ModifiedAt = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000),
            ChangedAt = DateTimeOffset.UnixEpoch,
        };
        bundle.Add(Receipts.Raw("d/a", Content) with { SourceMetadata = metadata }, Content).Seal();
        Assert.Equal(
            new CliResult(0, "", ""),
            EndToEnd.Cli.Run("extract", bundle.Bundle, bundle.Destination, "--preserve", "--quiet"));
        Stock.Shell(bundle.Destination, "stat -c '%a %u %g %.9Y' d/a", out string found);
        Assert.Equal($"440 {metadata.Uid} {metadata.Gid} 1700000000.000000000\n", found);
        Assert.Equal(Content, File.ReadAllBytes(bundle.Restored("d/a")));
    }

    [Fact]
    public void Cat_hands_over_all_files_that_a_name_means_one_after_the_other()
    {
        bundle.AddLz4("logs/2", "two"u8.ToArray()).AddRaw("logs/1", "one"u8.ToArray()).AddRaw("x", [7])
            .Add(BundleCopier.Tests.Receipt.Receipts.Failed with { Name = "logs/gone" }, null).Seal();
        Assert.Equal("twoone", Cat("logs", out string ends));
        Assert.Equal("logs/2 Done, logs/1 Done, logs/gone Absent", ends);
        Assert.Equal("one", Cat("logs/1*", out ends, offset: 0, length: 3));
        Assert.Equal("ne", Cat("logs/1", out ends, offset: 1));
        Assert.Equal("", Cat("logs/*", out ends, offset: 1));
        Assert.Contains("means several files", ends, StringComparison.Ordinal);
        Assert.Equal("", Cat("lgos", out ends));
        Assert.Contains("Did you mean \"logs\"", ends, StringComparison.Ordinal);
    }

    private string? NoteOf(string name)
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(bundle.Destination).Try(out IDirectory? directory, out _));
        using (directory)
        {
            Assert.True(directory.OpenFile(name).Try(out ISourceFile? file, out _));
            using (file)
            {
                return file.ReadXattr("user.note", 100).Try(out byte[]? note, out _)
                    ? Encoding.UTF8.GetString(note) : null;
            }
        }
    }

    private string Cat(string name, out string ends, long offset = 0, long length = long.MaxValue)
    {
        using MemoryStream written = new();
        List<string> all = [];
        CatReport report = new BundleContent().ReadEach(
            bundle.Bundle,
            name,
            bytes =>
            {
                written.Write(bytes);
                return true;
            },
            (file, each) => all.Add($"{file} {each.GetType().Name}"),
            offset,
            length);
        ends = report is CatReport.Invalid invalid ? invalid.Error.ToString() : string.Join(", ", all);
        return Encoding.UTF8.GetString(written.ToArray());
    }

    private ExtractReport.Done Extract(ExtractOptions options, params string[] names) =>
        Assert.IsType<ExtractReport.Done>(
            new BundleExtractor().Extract(bundle.Bundle, bundle.Destination, names, told.Add, options));

    private sealed class Heard : IProgress<RestoreProgress>
    {
        public List<RestoreProgress> Reports { get; } = [];

        public void Report(RestoreProgress value) => Reports.Add(value);
    }
}
