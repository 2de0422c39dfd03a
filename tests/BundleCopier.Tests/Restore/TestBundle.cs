using BundleCopier.Receipt;

namespace BundleCopier.Tests.Restore;

/// <summary>A bundle on a real disk, made by the test, and a directory for restored files.</summary>
internal sealed class TestBundle : IDisposable
{
    private readonly List<ReceiptFile> files = [];
    private readonly MemoryStream checksums = new();

    public TestBundle()
    {
        Root = Directory.CreateDirectory(
            $"/var/tmp/bundlecopy-restore-{Guid.NewGuid():N}",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        Directory.CreateDirectory(Path.Combine(Bundle, "files"));
    }

    public string Root { get; }

    public string Bundle => Path.Combine(Root, "b");

    /// <summary>The file with the checksums of segments.</summary>
    public string Checksums => Path.Combine(Bundle, "checksums");

    public string Destination => Path.Combine(Root, "out");

    public string Restored(string name) => Path.Combine(Destination, name);

    public string Stored(int index) => Path.Combine(Bundle, files[index].Output!);

    public TestBundle Add(ReceiptFile entry, byte[]? stored)
    {
        files.Add(entry);
        if (stored is not null)
        {
            string path = Path.Combine(Bundle, entry.Output!);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, stored);
        }

        return this;
    }

    public TestBundle AddRaw(string name, byte[] content) => Add(Receipts.Raw(name, content), content);

    /// <summary>Adds a raw file whose segments have checksums.</summary>
    public TestBundle AddSegments(string name, byte[] content)
    {
        long offset = checksums.Length;
        checksums.Write(ReferenceEncoder.SegmentRecord(content));
        return Add(Receipts.Raw(name, content) with { SegmentChecksumsOffset = offset }, content);
    }

    public TestBundle AddLz4(string name, byte[] content) =>
        Add(Reading.Entry(content, name), ReferenceEncoder.Encode(content));

    public TestBundle Seal(
        BundleStatus status = BundleStatus.Partial, IReadOnlyList<ReceiptMissing>? missing = null)
    {
        BundleReceipt receipt = BundleCopier.Tests.Receipt.Receipts.Full with
        {
            Files = files,
            Facts = null,
            Status = status,
            Missing = missing,
        };
        if (checksums.Length > 0)
            File.WriteAllBytes(Checksums, checksums.ToArray());
        File.WriteAllText(Path.Combine(Bundle, "receipt.json"), BundleCopier.Tests.Receipt.Receipts.Text(receipt));
        return this;
    }

    /// <summary>Flips a bit of a stored file.</summary>
    public void Flip(int index, long at) => Flip(Stored(index), at);

    /// <summary>Flips a bit of a file.</summary>
    public static void Flip(string path, long at)
    {
        using FileStream file = File.Open(path, FileMode.Open);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }

    /// <summary>Cuts a stored file, or makes it longer.</summary>
    public void SetLength(int index, long length)
    {
        using FileStream file = File.Open(Stored(index), FileMode.Open);
        file.SetLength(length);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
