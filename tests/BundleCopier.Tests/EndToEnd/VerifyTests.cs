using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Verify finds every change of a bundle.</summary>
public sealed class VerifyTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public VerifyTests()
    {
        SourceFile.Dense(place.Source("dense"), (5 * MiB) + 99);
        SourceFile.Sparse(place.Source("sparse"), 32 * MiB, (3 * MiB, MiB), (20 * MiB, 4096));
        SourceFile.Dense(place.Source("empty"), 0);
    }

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("dense", 0)]
    [InlineData("dense", (2 << 20) + 12345)]
    [InlineData("dense", (5 << 20) + 98)]
    [InlineData("sparse", 3 << 20)]
    [InlineData("sparse", 10 << 20)] // in a hole
    [InlineData("sparse", (32 << 20) - 1)]
    public void One_changed_byte_is_damage_and_its_file_is_named(string file, long offset)
    {
        Ended.Committed(0, place, place.Copy());
        using (SafeFileHandle output = OpenOutput(file))
        {
            byte[] one = new byte[1];
            RandomAccess.Read(output, one, offset);
            one[0] ^= 1;
            RandomAccess.Write(output, one, offset);
        }

        IsDamaged(file);
    }

    [KernelTheory]
    [InlineData("dense", -1)]
    [InlineData("dense", 1)]
    [InlineData("sparse", -4096)]
    [InlineData("sparse", 1 << 20)]
    [InlineData("empty", 1)]
    public void A_file_of_another_length_is_damaged(string file, long change)
    {
        Ended.Committed(0, place, place.Copy());
        using (SafeFileHandle output = OpenOutput(file))
            RandomAccess.SetLength(output, RandomAccess.GetLength(output) + change);
        IsDamaged(file);
    }

    [KernelTheory]
    [InlineData("gone")]
    [InlineData("link")]
    [InlineData("fifo")]
    public void A_file_that_is_not_there_or_no_file_any_more_is_damaged(string what)
    {
        Ended.Committed(0, place, place.Copy());
        File.Delete(place.Output("dense"));
        if (what == "link")
            File.CreateSymbolicLink(place.Output("dense"), place.Source("dense"));
        if (what == "fifo")
            Kernel.MakeFifo(place.Output("dense"));
        IsDamaged("dense");
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0")]
    public void A_receipt_that_cannot_be_read_is_damage(string text)
    {
        Ended.Committed(0, place, place.Copy());
        File.WriteAllText(ReceiptPath, text);
        CliResult result = place.Verify();
        Ended.With(5, result);
        Ended.Says(result, "receipt.json");
    }

    [KernelTheory]
    [InlineData("\"files/dense\"", "\"files/../../../../etc/passwd\"")]
    [InlineData("\"files/dense\"", "\"/etc/passwd\"")]
    [InlineData("\"files/dense\"", "7")]
    public void A_changed_receipt_is_damage(string was, string becomes)
    {
        Ended.Committed(0, place, place.Copy());
        string text = File.ReadAllText(ReceiptPath);
        Assert.Contains(was, text, StringComparison.Ordinal);
        File.WriteAllText(ReceiptPath, text.Replace(was, becomes, StringComparison.Ordinal));
        Ended.With(5, place.Verify());
    }

    [KernelFact]
    public void Verify_without_a_bundle_ends_with_4()
    {
        CliResult result = place.Verify();
        Ended.With(4, result);
        Ended.Says(result, place.BundlePath);
        result = Cli.Run("verify", place.Destination);
        Ended.With(4, result);
        Ended.Says(result, "receipt.json");
    }

    [KernelFact]
    public void A_hard_link_in_a_bundle_is_not_read()
    {
        Ended.With(0, place.Copy());
        string link = Path.Combine(place.Disk, "link");
        Tool.Run("ln", place.Output("dense"), link);
        string restored = Path.Combine(place.Disk, "restored");
        foreach (string[] command in (string[][])
            [["verify", place.BundlePath], ["cat", place.BundlePath, "dense"],
                ["extract", place.BundlePath, restored, "dense"]])
        {
            CliResult result = Cli.Run(command);
            Ended.With(5, result);
            Ended.Says(result, "hard link");
            Assert.Equal("", result.Output);
        }

        Assert.False(File.Exists(Path.Combine(restored, "dense")));
        File.Delete(link);
        Tool.Run("ln", Path.Combine(place.BundlePath, "receipt.json"), link);
        CliResult receipt = place.Verify();
        Ended.With(4, receipt);
        Ended.Says(receipt, "receipt.json cannot be used", "hard link");
    }

    [KernelFact]
    public void The_partial_directory_of_a_killed_copy_is_no_bundle_and_not_called_damaged()
    {
        string left = Workspace.MakePrivate(Path.Combine(place.Destination, ".b.partial"));
        File.WriteAllBytes(Path.Combine(left, "receipt.json"), []);
        CliResult result = Cli.Run("verify", left);
        Ended.With(4, result);
        Ended.Says(result, left, "killed", "the same copy goes on from it");
    }

    [KernelFact]
    public void A_relative_path_counts_from_the_working_directory()
    {
        Ended.Committed(0, place, place.Copy());
        using RunningCli cli = Cli.Start(["verify", "out/b"], directory: place.Disk);
        Ended.With(0, cli.Wait());
    }

    [KernelFact]
    public void Without_checksums_verify_says_that_it_cannot_tell_and_still_sees_lengths()
    {
        Ended.With(0, place.Copy("--config", place.Config("bundle-copier.checksum = off")));
        CliResult result = place.Verify();
        Ended.With(3, result);
        Ended.Says(result, "cannot tell", "files/dense", "without a checksum");

        using (SafeFileHandle output = OpenOutput("dense"))
            RandomAccess.SetLength(output, 7);
        IsDamaged("dense");
    }

    [KernelFact]
    public void A_quiet_verify_says_nothing_when_all_is_well_and_names_damage()
    {
        Ended.Committed(0, place, place.Copy());
        Assert.Equal(new CliResult(0, "", ""), Cli.Run("verify", place.BundlePath, "--quiet"));
        File.Delete(place.Output("dense"));
        CliResult result = Cli.Run("verify", place.BundlePath, "--quiet");
        Ended.With(5, result);
        Ended.Says(result, "files/dense");
    }

    private string ReceiptPath => Path.Combine(place.BundlePath, "receipt.json");

    private SafeFileHandle OpenOutput(string file) => File.OpenHandle(place.Output(file), access: FileAccess.ReadWrite);

    private void IsDamaged(string file)
    {
        CliResult result = place.Verify();
        Ended.With(5, result);
        Assert.Equal("", result.Output);
        Ended.Says(result, $"damaged: files/{file}", "1 damaged");
    }
}
