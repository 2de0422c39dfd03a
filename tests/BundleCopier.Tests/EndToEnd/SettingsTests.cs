using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Every setting gives the same copy, and the receipt says what was really done.</summary>
public sealed class SettingsTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public SettingsTests()
    {
        SourceFile.Dense(place.Source("dense"), 24 * MiB);
        SourceFile.Dense(place.Source("odd"), (3 * MiB) + 4321);
        SourceFile.Sparse(place.Source("sparse"), 64 * MiB, (MiB, 5 * MiB), (20 * MiB, 4096), (33 * MiB, 123));
    }

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("reader.mode = map", "map", null)]
    [InlineData("reader.mode = slab", "slab", null)]
    [InlineData("reader.mode = map, checksum = off, zero-detection = off", "map", null)]
    [InlineData("reader.mode = slab, checksum = off, zero-detection = off", "slab", null)]
    [InlineData("zero-detection = off", "slab", null)]
    [InlineData("writer.io = direct", "slab", "direct")]
    [InlineData("writer.io = dontcache", "slab", "dontcache")]
    [InlineData("writer.io = bounded", "slab", "bounded")]
    [InlineData("writer.io = bounded, reader.mode = map", "map", "bounded")]
    [InlineData("writer.io = dontcache, reader.mode = map", "map", "dontcache")]
    [InlineData("budget = 2MiB", "slab", null)]
    [InlineData("budget = 2MiB, reader.mode = map, reader.threads = 16, writer.threads = 16", "map", null)]
    [InlineData("reader.threads = 16, writer.threads = 16", "slab", null)]
    [InlineData("reader.threads = 1, writer.threads = 1", "slab", null)]
    public void The_copy_is_equal(string settings, string travel, string? io)
    {
        Kernel.Status[] before = [.. Directory.GetFiles(place.Memory).Select(Kernel.StatusOf)];
        CliResult result = place.Copy("--config", place.Config($"bundle-copier {{ {settings} }}"));
        Ended.With(0, result);
        Assert.Equal(before, Directory.GetFiles(place.Memory).Select(Kernel.StatusOf));

        bool hasChecksum = !settings.Contains("checksum = off", StringComparison.Ordinal);
        Ended.With(hasChecksum ? 0 : 3, place.Verify());
        ReceiptView receipt = ReceiptView.Read(place);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            file.IsWhole();
            Same.Bytes(file.Source, place.Output(file.Name));
            Same.Holes(file.Source, place.Output(file.Name));
            Assert.Equal(hasChecksum, file.Checksum is not null);
            if (io is not null)
                Assert.Equal(io, file.Io);
        }

        Assert.Equal(travel, receipt["dense"].ReadMode);
        JsonElement resources = receipt.Resources;
        Assert.InRange(
            resources.GetProperty("peakInFlightBytes").GetInt64(), 1, resources.GetProperty("budgetBytes").GetInt64());
    }

    [KernelFact]
    public void The_checksum_is_the_same_for_all_ways_of_reading_and_writing()
    {
        string[] settings =
            ["reader.mode = map", "reader.mode = slab", "writer.io = bounded", "zero-detection = off", "budget = 2MiB"];
        HashSet<string> found = [];
        foreach (string setting in settings)
        {
            Ended.Committed(0, place, place.Copy("--config", place.Config($"bundle-copier {{ {setting} }}")));
            found.Add(string.Join(' ', ReceiptView.Read(place).Files.Select(f => f.Checksum)));
            Directory.Delete(place.BundlePath, recursive: true);
        }

        Assert.Single(found);
    }

    [KernelFact]
    public void A_file_that_names_the_dispatcher_by_its_old_type_still_works()
    {
        string config = place.Config(
            """
            bundle-copier.io-dispatcher {
              type = "BundleCopier.Supervise.OwnThreadDispatcherConfigurator, BundleCopier"
              throughput = 1
            }
            """);
        Ended.Committed(0, place, place.Copy("--config", config));
    }

    [KernelFact]
    public void Zeros_are_written_without_zero_detection()
    {
        File.WriteAllBytes(place.Source("zeros"), new byte[2 * MiB]);
        string config = place.Config("bundle-copier.zero-detection = off");
        ReceiptView receipt = Ended.Committed(0, place, place.Copy("--config", config));
        Assert.Equal(2 * MiB, receipt["zeros"].WrittenBytes);
        Same.Holes(place.Source("zeros"), place.Output("zeros"));
    }
}
