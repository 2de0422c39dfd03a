using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Sparse sources of extreme sizes, with data in their last MiB.</summary>
public sealed class HugeSizeTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    public static TheoryData<long, string> Sizes => new()
    {
        { 1L << 31, "copied" },
        { (1L << 32) + 5, "copied" },
        { (1L << 41) + 4097, "copied" },
        { 1L << 44, "failed" }, // this ext4 has blocks of 1 KiB, and so files of up to 4 TiB
        { 1L << 62, "failed" },
        { long.MaxValue - 4095, "failed" },
        { long.MaxValue, "failed" },
    };

    [KernelTheory(Needs.Loop)]
    [MemberData(nameof(Sizes))]
    public void A_copy_ends_and_each_byte_that_is_listed_is_right(long sizeBytes, string status)
    {
        place.Mount("ext4", 64 * MiB);
        MakeSparse("huge", sizeBytes);
        SourceFile.Dense(place.Source("small"), 5000);
        int code = status == "copied" ? 0 : 3;
        Ended.With(sizeBytes <= 1L << 62 ? 0 : 3, place.Copy("--dry-run", "--compression", "none"));
        ReceiptView receipt = Ended.Committed(code, place, place.Copy("--compression", "none"));
        receipt["small"].IsWhole();
        Assert.Equal((status, code == 0 ? null : "EFBIG"), (receipt["huge"].Status, receipt["huge"].Error));
        if (code == 0)
            Same.Stretch(place.Source("huge"), place.Output("huge"), sizeBytes - MiB, sizeBytes);
    }

    [KernelTheory(Needs.Loop)]
    [InlineData(1L << 62)]
    [InlineData(long.MaxValue - 4095)]
    public void A_destination_with_files_of_any_size_gets_all_data_or_none(long sizeBytes)
    {
        place.Mount("xfs", 512 * MiB);
        MakeSparse("huge", sizeBytes);
        CliResult result = place.Copy("--compression", "none");
        ReceiptView receipt = Ended.Committed(sizeBytes == 1L << 62 ? 0 : 3, place, result);
        if (receipt["huge"].Status == "copied")
            Same.Stretch(place.Source("huge"), place.Output("huge"), sizeBytes - MiB, sizeBytes);
        else
            Assert.Equal(("failed", "EFBIG"), (receipt["huge"].Status, receipt["huge"].Error));
    }

    private void MakeSparse(string name, long sizeBytes)
    {
        using FileStream file = File.Create(place.Source(name));
        file.SetLength(sizeBytes);
        byte[] end = new byte[MiB];
        new Random(1).NextBytes(end);
        RandomAccess.Write(file.SafeFileHandle, end, sizeBytes - MiB);
    }
}
