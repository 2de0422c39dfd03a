using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A program opens a source for writing only after the copy has begun with it. Writes through a mapping move no time
/// of the file, so only the lease at the end of the source can tell.
/// </summary>
[Trait("Program", "native")]
public sealed class LateWriterTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native)]
    public void A_store_through_a_mapping_that_was_made_during_the_copy_is_not_called_stable()
    {
        string big = SourceFile.Dense(place.Source("big"), 64 * MiB);
        Tool.Run("touch", "-d", "yesterday", big);
        string before = Tool.Run("stat", "-c", "%z", big);
        using RunningCli cli = Begin(big);
        using MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(big, FileMode.Open);
        using MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, 4096);
        byte old = view.ReadByte(0); // the page is mapped from now on, so the store makes no fault
        view.Write(0, (byte)(old + 1));
        Assert.Equal(before, Tool.Run("stat", "-c", "%z", big));
        IsNotStable(cli);
    }

    [KernelFact(Needs.Native)]
    public void A_file_that_a_program_opens_for_writing_during_the_copy_is_not_called_stable()
    {
        string big = SourceFile.Dense(place.Source("big"), 64 * MiB);
        using RunningCli cli = Begin(big);
        using SafeFileHandle writer =
            File.OpenHandle(big, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
        IsNotStable(cli);
    }

    [KernelFact(Needs.Native)]
    public void A_file_that_no_program_opens_for_writing_is_stable()
    {
        string big = SourceFile.Dense(place.Source("big"), 64 * MiB);
        using RunningCli cli = Begin(big);
        cli.Thaw();
        Assert.True(Ended.Committed(0, place, cli.Wait())["big"].Stable);
    }

    private void IsNotStable(RunningCli cli)
    {
        cli.Thaw();
        ReceiptView receipt = Ended.Committed(0, place, cli.Wait());
        receipt["big"].IsWhole();
        Assert.False(receipt["big"].Stable);
    }

    /// <summary>A copy that has begun with the file and is stopped there.</summary>
    private RunningCli Begin(string source)
    {
        // The file counts as quiet at its start only when it is older than the steps of the kernel's clock (20 ms).
        string config = place.Config("bundle-copier.budget = 2MiB");
        RunningCli cli = Cli.Start(["--manifest", place.Manifest(source), "--config", config]);
        cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "big")), "the file is begun");
        return cli;
    }
}
