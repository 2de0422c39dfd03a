using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A manifest that is not valid ends the program with 2 and a message with a correction, before anything is written.
/// </summary>
public sealed class BadManifestTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Without_a_manifest_the_option_is_named() =>
        Ended.Refused(2, place, Cli.Run("--quiet"), "--manifest", "missing");

    [KernelFact]
    public void A_missing_manifest_is_named()
    {
        string path = Path.Combine(place.Disk, "nowhere.json");
        Ended.Refused(2, place, Cli.Run("--manifest", path), path, "no such file", "--manifest");
    }

    [KernelFact]
    public void A_directory_in_place_of_a_manifest_is_refused() =>
        Ended.Refused(2, place, Cli.Run("--manifest", place.Disk), place.Disk);

    [KernelTheory]
    [InlineData("", "")]
    [InlineData("this is no JSON", "")]
    [InlineData("""{ "version": 1, """, "")]
    [InlineData("[]", "object")]
    [InlineData("null", "")]
    [InlineData("""{ "version": 2, "bundle": "b", "files": [ { "source": "/a" } ] }""", "version")]
    [InlineData("""{ "version": "1", "bundle": "b", "files": [ { "source": "/a" } ] }""", "version")]
    [InlineData("""{ "version": 1, "bundle": 7, "files": [ { "source": "/a" } ] }""", "bundle")]
    [InlineData("""{ "version": 1, "bundle": "b" }""", "files")]
    [InlineData("""{ "version": 1, "bundle": "b", "files": [] }""", "files")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/a", "priority": "high" } ] }""",
        "files[0].priority")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/a", "sorce": 1 } ] }""", "files[0].sorce",
        "\"source\"")]
    [InlineData("""{ "version": 1, "bundel": "b", "files": [ { "source": "/a" } ] }""", "bundel", "\"bundle\"")]
    [InlineData("""{ "version": 1, "bundle": "b", "bundle": "c", "files": [ { "source": "/a" } ] }""", "bundle")]
    [InlineData("""{ "version": 1, "bundle": "../b", "files": [ { "source": "/a" } ] }""", "bundle")]
    [InlineData("""{ "version": 1, "bundle": ".b", "files": [ { "source": "/a" } ] }""", "bundle")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/a", "name": "../../etc/cron.d/x" } ] }""",
        "files[0].name", "..")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/a", "name": "/etc/passwd" } ] }""", "files[0].name")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "dev/shm/a" } ] }""", "files[0].source", "absolute")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/dev/shm/../a" } ] }""", "files[0].source", "..")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/x/a" }, { "source": "/y/a" } ] }""",
        "files[1].source", "files[0]", "\"name\"")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/x/a" }, { "source": "/y", "name": "a/b" } ] }""",
        "files[1].name", "directory")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [{ "source": "/a", "ranges": [{ "offset": -1, "length": 1 }] }] }""",
        "files[0].ranges[0].offset")]
    [InlineData(
        """{ "version": 1, "bundle": "b", "files": [ { "source": "/a", "ranges": [] } ] }""", "files[0].ranges")]
    public void An_error_names_the_file_the_field_and_the_correction(string text, params string[] words)
    {
        string path = place.ManifestText(text);
        CliResult result = Cli.Run("--manifest", path, "--destination", place.Destination);
        Ended.Refused(2, place, result, [path, .. words]);
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.Matches("[.?]\n$", result.Errors);
    }

    [KernelFact]
    public void A_manifest_without_a_destination_is_refused_unless_the_option_names_one()
    {
        SourceFile.Dense(place.Source("a"), 4096);
        string path = place.ManifestText(
            $$"""{ "version": 1, "bundle": "b", "files": [ { "source": "{{place.Source("a")}}" } ] }""");
        Ended.Refused(2, place, Cli.Run("--manifest", path), path, "destination", "--destination");
        Ended.Committed(0, place, Cli.Run("--manifest", path, "--destination", place.Destination));
    }

    [KernelFact]
    public void A_manifest_comes_from_standard_input_for_a_dash()
    {
        string source = SourceFile.Dense(place.Source("a"), 4096);
        byte[] manifest = File.ReadAllBytes(place.Manifest(source));
        ReceiptView receipt = Ended.Committed(0, place, Cli.RunWithInput(manifest, "--manifest", "-"));
        receipt["a"].IsWhole();
    }

    [KernelFact]
    public void An_error_on_standard_input_names_stdin() =>
        Ended.Refused(2, place, Cli.RunWithInput(Encoding.UTF8.GetBytes("{"), "--manifest", "-"), "stdin");

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_manifest_of_more_than_16_MiB_is_refused(bool onStandardInput)
    {
        byte[] text = new byte[(16 << 20) + 1];
        Array.Fill(text, (byte)' ');
        "{}"u8.CopyTo(text);
        string path = Path.Combine(place.Disk, "large.json");
        File.WriteAllBytes(path, text);
        CliResult result = onStandardInput ? Cli.RunWithInput(text, "--manifest", "-") : Cli.Run("--manifest", path);
        Ended.Refused(2, place, result, onStandardInput ? "stdin" : path, "16");
    }
}
