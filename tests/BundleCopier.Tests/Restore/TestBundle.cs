using BundleCopier.Receipt;

namespace BundleCopier.Tests.Restore;

/// <summary>A bundle on a real disk, made by the test, and a directory for restored files.</summary>
internal sealed class TestBundle : IDisposable
{
    private readonly List<ReceiptFile> files = [];

    public TestBundle()
    {
        Root = Directory.CreateDirectory(
            $"/var/tmp/bundlecopy-restore-{Guid.NewGuid():N}",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        Directory.CreateDirectory(Path.Combine(Bundle, "files"));
    }

    public string Root { get; }

    public string Bundle => Path.Combine(Root, "b");

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

    public TestBundle AddLz4(string name, byte[] content) =>
        Add(Reading.Entry(content, name), ReferenceEncoder.Encode(content));

    public TestBundle Seal()
    {
        BundleReceipt receipt = BundleCopier.Tests.Receipt.Receipts.Full with { Files = files };
        File.WriteAllText(Path.Combine(Bundle, "receipt.json"), BundleCopier.Tests.Receipt.Receipts.Text(receipt));
        return this;
    }

    /// <summary>Flips a bit of a stored file.</summary>
    public void Flip(int index, long at)
    {
        using FileStream file = File.Open(Stored(index), FileMode.Open);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
