using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary><c>bundlecopy copy</c> and <c>bundlecopy init</c>.</summary>
public sealed class CopyWithoutManifestTests : IDisposable
{
    private readonly Workspace place = new();

    public CopyWithoutManifestTests()
    {
        foreach (string name in (string[])["top", "d/a", "d/.hidden", "d/a.tmp", "d/sub/b", "d/tmp/c"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place.Source(name))!);
            File.WriteAllText(place.Source(name), name);
        }

        File.CreateSymbolicLink(place.Source("d/sub/link"), "/etc/passwd");
    }

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Files_and_whole_directories_are_copied_without_a_manifest()
    {
        CliResult copied = Copy("--name", "b", place.Source("top"), place.Source("d"));
        Ended.Committed(0, place, copied);
        Ended.Says(copied, "left out: ", "d/sub/link");
        Assert.Equal(
            ["d/.hidden", "d/a", "d/a.tmp", "d/sub/b", "d/tmp/c", "top"], FilesOf(place.BundlePath));
        Assert.Equal("d/sub/b", File.ReadAllText(place.Output("d/sub/b")));

        JsonElement root = ReceiptView.Read(place).Root;
        Assert.Equal("bundlecopy", root.GetProperty("program").GetProperty("name").GetString());
        Assert.Equal(Environment.MachineName, root.GetProperty("host").GetProperty("name").GetString());
        Assert.Equal(
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            root.GetProperty("host").GetProperty("kernel").GetString());
        Assert.Contains($" copy --to {place.Destination} --name b ", root.GetProperty("command").GetString());

        // The working directory, what is left out, other settings, and replacing.
        string[] options = ["--exclude", "*.tmp", "--exclude=tmp", "--replace", "--bundle", "b", "-q"];
        string[] settings = ["--max-rate", "1GiB", "--profile", "GENTLE", "--set", "writer.threads=1"];
        CliResult again = Cli.Start(
            ["copy", "--to", place.Destination, .. options, .. settings, "../d", "../top"],
            directory: place.Source("d")).Wait();
        Ended.With(0, again);
        Assert.Equal("", again.Errors);
        Assert.Equal(["d/.hidden", "d/a", "d/sub/b", "top"], FilesOf(place.BundlePath));
        ReceiptView receipt = ReceiptView.Read(place);
        JsonElement governor = receipt.Root.GetProperty("bystanders").GetProperty("governor");
        Assert.Equal("gentle", governor.GetProperty("profile").GetString());
    }

    [KernelFact]
    public void A_name_is_made_of_host_and_time()
    {
        Ended.With(0, Copy(place.Source("top")));
        string name = Assert.Single(place.LeftInDestination);
        Assert.Matches($"^{Regex.Escape(Environment.MachineName)}-[0-9]{{8}}T[0-9]{{6}}Z$", name);
        Ended.With(0, Cli.Run("--manifest", place.Manifest(place.Source("top")), "--bundle", "x-{boot}"));
        Assert.Contains(place.LeftInDestination, static n => Regex.IsMatch(n, "^x-[0-9a-f]{32}$"));
    }

    [KernelFact]
    public void Init_writes_a_manifest_that_copies_the_same()
    {
        string path = Path.Combine(place.Disk, "crash.json");
        string[] command = ["init", "--name", "b", "--to", place.Destination, "-o", path, place.Source("d")];
        Ended.With(0, Cli.Run([.. command, "--exclude", "tmp"]));
        Ended.Committed(0, place, Cli.Run("--manifest", path));
        Assert.Equal(["d/.hidden", "d/a", "d/a.tmp", "d/sub/b"], FilesOf(place.BundlePath));

        string before = File.ReadAllText(path);
        CliResult refused = Cli.Run(command);
        Assert.Equal(4, refused.ExitCode);
        Ended.Says(refused, path, "--force");
        Assert.Equal(before, File.ReadAllText(path));
        Ended.With(0, Cli.Run([.. command, "--force"]));
        Assert.NotEqual(before, File.ReadAllText(path));
        CliResult shown = Cli.Run("init", "--name", "b", place.Source("top"));
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        Assert.Contains(place.Source("top"), shown.Output, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("--to", "copy", "SOURCE")]
    [InlineData("SOURCE: it is missing", "copy", "--to", "DEST")]
    [InlineData("only in the last component", "copy", "--to", "DEST", "SOURCE/*/x")]
    [InlineData("--name: \"{tiem}\"", "copy", "--to", "DEST", "--name", "{tiem}", "SOURCE")]
    [InlineData("--name: \".b\" starts with a dot", "copy", "--to", "DEST", "--name", ".b", "SOURCE")]
    [InlineData("--set: writer.treads", "copy", "--to", "DEST", "--set", "writer.treads=1", "SOURCE")]
    [InlineData("--max-rate", "copy", "--to", "DEST", "--max-rate", "1", "SOURCE")]
    [InlineData("--exclude", "init", "--exclude", "a/b", "SOURCE")]
    public void What_is_not_valid_is_named(string words, params string[] args) => Ended.Refused(
        2,
        place,
        Cli.Run([.. args.Select(a => a.Replace("DEST", place.Destination, StringComparison.Ordinal)
            .Replace("SOURCE", place.Memory, StringComparison.Ordinal))]),
        words);

    [KernelFact]
    public void Advice_names_what_the_command_has()
    {
        CliResult missing = Cli.Run("copy", "--to", Path.Combine(place.Disk, "no"), place.Source("top"));
        Ended.With(4, missing);
        Ended.Says(missing, "Make it, or name another directory with --to.");
        CliResult clash = Copy(place.Source("top"), place.Source("top"));
        Ended.Refused(2, place, clash, $"{place.Source("top")}: \"top\" is already the name of", "write a manifest");
        Ended.Refused(2, place, Copy("-q", "-v", place.Source("top")), "--quiet: it contradicts --verbose");
        Ended.Refused(2, place, Copy("--budget", "32MB", place.Source("top")), "32MB is not a whole number of MiB");
        Ended.With(0, Copy("--name", "b", place.Source("top")));
        CliResult again = Copy("--name", "b", place.Source("top"));
        Ended.With(4, again);
        Ended.Says(again, "or replace that one. --replace does that.");
        Ended.With(0, Cli.Run("help", "copy"));
        Ended.With(2, Cli.Run("help", "cop"));
    }

    private CliResult Copy(params string[] args) => Cli.Run(["copy", "--to", place.Destination, .. args]);

    private static string[] FilesOf(string bundle)
    {
        string files = Path.Combine(bundle, "files");
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };
        return [.. Directory.GetFiles(files, "*", all)
            .Select(path => Path.GetRelativePath(files, path)).Order(StringComparer.Ordinal)];
    }
}
