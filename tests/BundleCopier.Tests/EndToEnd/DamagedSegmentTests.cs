using BundleCopier.Tests.Restore;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A damaged byte costs one segment of a bundle that the program made, and the program says which.</summary>
public sealed class DamagedSegmentTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const string Lost = "Content lost: offset 2097152, length 1048576.";

    private readonly Workspace place = new();
    private readonly string raw;
    private readonly string packed;

    public DamagedSegmentTests()
    {
        raw = SourceFile.Dense(place.Source("raw"), (5 * MiB) - 99);
        packed = SourceFile.Dense(place.Source("packed"), 5 * MiB);
    }

    private string Checksums => Path.Combine(place.BundlePath, "checksums");

    private string Restored => Path.Combine(place.Disk, "restored");

    public void Dispose() => place.Dispose();

    [KernelFact]
    public void Verify_names_the_damaged_segments_and_extract_keeps_the_others()
    {
        Copy();
        TestBundle.Flip(place.Output("raw"), (2 * MiB) + 5000);
        // In the blocks of the third frame: random bytes are stored as they are.
        TestBundle.Flip(place.Output("packed.lz4"), (2 * MiB) + (MiB / 2));
        CliResult verified = place.Verify();
        Ended.With(5, verified);
        Ended.Says(
            verified,
            $"damaged: files/raw: offset 2097152: The segment does not match its checksum. {Lost}",
            "damaged: files/packed.lz4: offset ",
            "frame 2",
            Lost,
            "0 files intact, 2 damaged");

        CliResult strict = Cli.Run("extract", place.BundlePath, Restored);
        Ended.With(5, strict);
        Assert.Empty(Directory.GetFileSystemEntries(Restored));

        CliResult kept = Cli.Run("extract", "--keep-damaged", place.BundlePath, Restored);
        Ended.With(5, kept);
        Ended.Says(kept, "damaged: files/raw: offset 2097152", Lost, "kept: files/raw: 1048576 of 5242781 bytes",
            "kept: files/packed.lz4: 1048576 of 5242880 bytes", "2 damaged (2 kept)");
        foreach (string source in (string[])[raw, packed])
        {
            string restored = Path.Combine(Restored, Path.GetFileName(source));
            Same.Stretch(source, restored, 0, 2 * MiB);
            Same.Stretch(source, restored, 3 * MiB, new FileInfo(source).Length);
            byte[] bytes = File.ReadAllBytes(restored);
            Assert.Equal(new FileInfo(source).Length, bytes.Length);
            Assert.Equal(-1, bytes.AsSpan((int)(2 * MiB), (int)MiB).IndexOfAnyExcept((byte)0));
        }

        Ended.With(5, Cli.Run("cat", place.BundlePath, "raw"));
        Ended.With(0, Cli.Run("cat", place.BundlePath, "raw", "--offset", "3MiB"));
    }

    [KernelFact]
    public void A_bundle_whose_segment_checksums_are_gone_is_damaged_and_its_files_are_not()
    {
        Copy();
        Assert.True(File.Exists(Checksums));
        File.Delete(Checksums);
        CliResult verified = place.Verify();
        Ended.With(5, verified);
        Ended.Says(verified, "damaged: checksums: It cannot be opened: ENOENT", "2 files intact, 0 damaged");
        Ended.With(0, Cli.Run("extract", place.BundlePath, Restored));
        Same.Bytes(raw, Path.Combine(Restored, "raw"));
        CliResult part = Cli.Run("cat", place.BundlePath, "raw", "--offset", "3MiB");
        Ended.With(5, part);
        Ended.Says(part, "not checked: raw", "damaged: checksums: It cannot be opened: ENOENT");
    }

    [KernelFact]
    public void A_bundle_without_a_raw_file_of_several_segments_has_no_such_file()
    {
        File.Delete(raw);
        SourceFile.Dense(place.Source("small"), MiB);
        Copy();
        Assert.False(File.Exists(Checksums));
    }

    [KernelFact(Needs.Loop)]
    public void On_a_full_disk_the_segment_checksums_are_left_out_and_the_receipt_says_so()
    {
        place.Mount("ext4", 32 * MiB);
        string ballast = Path.Combine(place.Destination, "ballast");
        FullDisk.Fill(ballast);
        using (FileStream file = File.OpenWrite(ballast))
            file.SetLength(file.Length - (3 * MiB));
        CliResult result = Cli.Run("--manifest", place.Manifest(raw));
        Ended.With(3, result);
        Assert.False(File.Exists(Checksums));
        Assert.DoesNotContain(
            "segmentChecksums", File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json")),
            StringComparison.Ordinal);
        Ended.With(0, place.Verify());
    }

    private void Copy() => Ended.Committed(0, place, Cli.Run(
        "--manifest",
        place.Manifest(
            Directory.GetFiles(place.Memory).Select(static path => CompressedBundle.Entry(
                path, Path.GetFileName(path) == "packed" ? "lz4" : "none")).ToArray())));
}
