using System.Net.Sockets;
using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A source that is not a readable regular file fails alone.</summary>
public sealed class BrokenSourceTests : IDisposable
{
    private readonly Workspace place = new();

    public BrokenSourceTests() => SourceFile.Dense(place.Source("good"), (1 << 20) + 5);

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void A_source_that_is_not_there_and_a_pattern_that_finds_nothing() =>
        FailsAlone("ENOENT", place.Source("nowhere"), place.Source("no*where"), place.Source("no/where"));

    [KernelTheory]
    [InlineData("no/such/*", "no does not exist", "ENOENT")]
    [InlineData("there/no/such/*", "there/no does not exist", "ENOENT")]
    [InlineData("good/such/*", "good is not a directory", "ENOTDIR")]
    [InlineData("good/*", "good is not a directory", "ENOTDIR")]
    public void A_pattern_that_leads_nowhere_is_named_with_its_field_and_the_part_that_is_not_there(
        string source, string problem, string code)
    {
        Workspace.MakePrivate(place.Source("there"));
        // It is copied after the other file, and is still the first in the manifest.
        JsonObject later = Workspace.Entry(place.Source(source), null, -5);
        string manifest = place.Manifest(later, Workspace.Entry(place.Source("good")));
        string message = $"files[0].source: {place.Memory}/{problem}";
        CliResult dry = Cli.Run("--manifest", manifest, "--dry-run");
        Ended.With(3, dry);
        Ended.Says(dry, message, code);
        CliResult copy = Cli.Run("--manifest", manifest);
        ReceiptView receipt = Ended.Committed(3, place, copy);
        Ended.Says(copy, message, code);
        ReceiptView.FileView failed = receipt.Files.Single(f => f.Status == "failed");
        Assert.Equal(code, failed.Error);
        Assert.Contains(message, failed.ErrorMessage, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_source_below_a_file_instead_of_a_directory() => FailsAlone("ENOTDIR", place.Source("good/file"));

    [KernelFact]
    public void A_directory()
    {
        Workspace.MakePrivate(place.Source("bad"));
        FailsAlone("NOT_REGULAR", place.Source("bad"));
    }

    [KernelFact]
    public void A_FIFO_without_a_writer()
    {
        Kernel.MakeFifo(place.Source("bad"));
        FailsAlone("NOT_REGULAR", place.Source("bad"));
    }

    [KernelFact]
    public void A_socket()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(place.Source("bad")));
        FailsAlone("NOT_REGULAR", place.Source("bad"));
    }

    [KernelFact(Needs.Root)]
    public void A_device_without_an_end()
    {
        Kernel.MakeDevice(place.Source("bad"));
        FailsAlone("NOT_REGULAR", place.Source("bad"), "/dev/zero");
    }

    [KernelFact]
    public void All_of_them_found_by_one_pattern()
    {
        Workspace.MakePrivate(place.Source("bad-directory"));
        Kernel.MakeFifo(place.Source("bad-fifo"));
        File.CreateSymbolicLink(place.Source("bad-link"), place.Source("good"));
        ReceiptView receipt = Ended.Committed(3, place, place.Copy());
        Assert.Equal(["NOT_REGULAR", "NOT_REGULAR", "ELOOP", null], receipt.Files.Select(f => f.Error));
        receipt["good"].IsWhole();
    }

    [KernelFact]
    public void A_link_in_shared_memory()
    {
        File.CreateSymbolicLink(place.Source("bad"), place.Source("good"));
        FailsAlone("ELOOP", place.Source("bad"));
    }

    [KernelFact]
    public void A_link_to_a_directory_below_a_world_writable_one()
    {
        string real = Workspace.MakePrivate(place.Source("real"));
        SourceFile.Dense(Path.Combine(real, "file"), 4096);
        Directory.CreateSymbolicLink(place.Source("bad"), real);
        FailsAlone("ELOOP", place.Source("bad/file"), place.Source("bad/*"));
    }

    [KernelFact]
    public void A_link_that_only_its_owner_could_have_made_is_followed()
    {
        string trusted = place.MakeTrusted();
        string link = Path.Combine(trusted, "linked");
        File.CreateSymbolicLink(link, place.Source("good"));
        ReceiptView receipt = Ended.Committed(0, place, Cli.Run("--manifest", place.Manifest(link)));
        receipt["linked"].IsWhole();
        Same.Bytes(place.Source("good"), place.Output("linked"));
    }

    [KernelFact(Needs.Nobody)]
    public void A_file_that_may_not_be_read()
    {
        string bad = SourceFile.Dense(place.Source("bad"), 4096);
        File.SetUnixFileMode(bad, UnixFileMode.None);
        foreach (string path in new[] { place.Memory, place.Disk, place.Destination, place.Source("good") })
            Kernel.Own(path, Cli.NobodyId);
        CliResult result = Cli.RunAsNobody("--manifest", place.Manifest(bad, place.Source("good")));
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal(("failed", "EACCES"), (receipt["bad"].Status, receipt["bad"].Error));
        receipt["good"].IsWhole();
    }

    [KernelFact]
    public void A_bundle_of_broken_sources_only_is_committed_as_partial()
    {
        ReceiptView receipt = Ended.Committed(3, place, Cli.Run("--manifest", place.Manifest(place.Source("nowhere"))));
        Assert.Equal("partial", receipt.Status);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(place.BundlePath, "files")));
    }

    private void FailsAlone(string code, params string[] sources)
    {
        CliResult result =
            Cli.Run("--manifest",
            place.Manifest([.. sources.Select((s, i) => Bad(s, i)), Workspace.Entry(place.Source("good"))]));
        ReceiptView receipt = Ended.Committed(3, place, result);
        Assert.Equal("partial", receipt.Status);
        foreach (ReceiptView.FileView file in receipt.Files.Where(f => f.Name != "good"))
        {
            Assert.Equal(("failed", code, null), (file.Status, file.Error, file.Output));
            Assert.Empty(file.Ranges);
            Assert.NotEmpty(file.ErrorMessage);
            Ended.Says(result, file.Source, code);
        }

        Assert.Equal(sources.Length + 1, receipt.Files.Count);
        receipt["good"].IsWhole();
        Same.Bytes(place.Source("good"), place.Output("good"));
    }

    private static JsonObject Bad(string source, int number) =>
        source.Contains('*', StringComparison.Ordinal) ? Workspace.Entry(source)
            : Workspace.Entry(source, $"bad-{number}");
}
