using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The receipt always has the room that was reserved for it, whatever the sources and the disk do.</summary>
public sealed class ReceiptRoomTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop)]
    public void A_full_disk_that_splits_a_file_into_thousands_of_pieces_costs_only_that_file()
    {
        place.Mount("ext4", 64 * MiB);
        string first = SourceFile.Dense(place.Source("first"), MiB);
        string split = place.Source("split");
        SourceFile.Sparse(
            split,
            8080 * MiB,
            [(0, 80 * MiB), .. Enumerable.Range(0, 4000).Select(static i => ((80 + (2 * i)) * MiB, 4096L))]);
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Workspace.Entry(split), Workspace.Entry(first, priority: 10)));

        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["first"].IsWhole();
        Same.Bytes(first, place.Output("first"));
        Assert.Equal(("partial", "ENOSPC"), (receipt["split"].Status, receipt["split"].Error));
        Assert.InRange(receipt["split"].Ranges.Count(), 1, 2049);
        Assert.Equal(0, Cli.Run("verify", place.BundlePath).ExitCode);
        // Saved and missing data together are all data, however the segments with holes failed.
        JsonNode missing = Assert.Single(Receipt["missing"]!.AsArray())!;
        long savedBytes = (long)File("split")["dataBytes"]!;
        Assert.Equal(("ENOSPC", 1), ((string)missing["code"]!, (int)missing["files"]!));
        Assert.Equal((80 * MiB) + (4000 * 4096), savedBytes + (long)missing["bytes"]!);
        Assert.InRange(savedBytes, 32 * MiB, 64 * MiB);
        Ended.Says(result, " saved; ", "missing: the disk is full");
    }

    [KernelFact]
    public void A_copy_that_saved_nothing_says_so_and_what_is_in_the_way()
    {
        CliResult result = Cli.Run("--manifest", place.Manifest(place.Source("gone")));
        Ended.Committed(3, place, result);
        Ended.Says(result, "nothing was saved", place.BundlePath);
        Assert.DoesNotContain("MiB missing", result.Errors, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Attributes_that_another_user_has_set_cost_neither_memory_nor_the_bundle()
    {
        string source = SourceFile.Dense(place.Source("a"), 4096);
        for (int i = 0; i < 400; i++)
            Kernel.SetXattr(source, $"user.large{i}", new byte[60_000]);
        Kernel.SetXattr(source, "user.small", [0, 255]);
        SourceFile.Dense(place.Source("b"), 4096);
        Kernel.SetXattr(place.Source("b"), "user.small", [1]);
        CliResult result = Cli.Run("--manifest", place.Manifest(source, place.Source("b")));

        ReceiptView receipt = Ended.Committed(0, place, result);
        receipt["a"].IsWhole();
        JsonNode metadata = Metadata("a");
        Assert.Equal(400, (int)metadata["xattrsOmitted"]!["count"]!);
        Assert.Contains("user.large399", metadata["xattrsOmitted"]!["names"]!.AsArray().Select(static n => (string)n!));
        Assert.Equal("AP8=", (string)metadata["xattrs"]!["user.small"]!);
        Assert.Equal("AQ==", (string)Metadata("b")["xattrs"]!["user.small"]!);
        Assert.Null(Metadata("b")["xattrsOmitted"]);
    }

    [KernelFact]
    public void Attributes_of_which_even_the_names_do_not_fit_are_counted()
    {
        string source = SourceFile.Dense(place.Source("a"), 4096);
        for (int i = 0; i < 250; i++)
            Kernel.SetXattr(source, $"user.{new string('x', 200)}{i}", new byte[100]);
        Ended.Committed(0, place, Cli.Run("--manifest", place.Manifest(source)));

        JsonNode metadata = Metadata("a");
        int recorded = metadata["xattrs"]?.AsObject().Count ?? 0;
        int omitted = (int)metadata["xattrsOmitted"]!["count"]!;
        Assert.Equal(250, recorded + omitted);
        Assert.InRange(recorded, 1, 100);
        Assert.InRange(metadata["xattrsOmitted"]!["names"]!.AsArray().Count, 0, omitted - 1);
    }

    [KernelFact(Needs.Loop)]
    public void Large_labels_are_in_the_receipt_of_a_full_disk_or_the_disk_is_refused()
    {
        place.Mount("ext4", 32 * MiB);
        SourceFile.Dense(place.Source("a"), 48 * MiB);
        JsonNode manifest = JsonNode.Parse(System.IO.File.ReadAllText(place.Manifest(place.Source("a"))))!;
        // A control character takes six bytes in JSON.
        string text = new('\u0001', 200_000);
        manifest["labels"] = new JsonObject(
            Enumerable.Range(0, 5).Select(i => KeyValuePair.Create($"long{i}", (JsonNode?)text)));
        string path = Path.Combine(place.Memory, "labels.json");
        System.IO.File.WriteAllText(path, manifest.ToJsonString());

        ReceiptView receipt = Ended.Committed(3, place, Cli.Run("--manifest", path));
        Assert.Equal("ENOSPC", receipt["a"].Error);
    }

    private JsonNode Receipt => JsonNode.Parse(
        System.IO.File.ReadAllBytes(Path.Combine(place.BundlePath, "receipt.json")))!;

    private JsonNode File(string name) =>
        Receipt["files"]!.AsArray().Single(f => (string)f!["name"]! == name)!;

    private JsonNode Metadata(string name) => File(name)["sourceMetadata"]!;
}
