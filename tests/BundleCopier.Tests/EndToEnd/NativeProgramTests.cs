using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The properties of the native program that make it start fast and need little memory. Times are not tested, because
/// they depend on the machine.
/// </summary>
[Trait("Program", "native")]
public sealed class NativeProgramTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long BudgetBytes = 32 * MiB;
    private const long MaxRuntimeBytes = 40 * MiB;

    // The C library, which has several files in older versions.
    private static readonly string[] Everywhere = ["ld-linux-", "libc.", "libm.", "libdl.", "libpthread.", "librt."];

    // The ring for finished writes (io_setup(2)); it is not a real file.
    private const string WritesEnded = "/[aio]";

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native)]
    public void The_native_program_maps_itself_and_the_C_library_and_nothing_else()
    {
        string[] files = [.. MappingsOfARunningCopy().Select(m => m.File).Where(f => f.StartsWith('/')).Distinct()];
        Assert.Contains(Path.GetFullPath(Cli.Native!), files);
        Assert.DoesNotContain(
            files, f =>
            f != Path.GetFullPath(Cli.Native!) && !f.StartsWith(Workspace.MemoryRoot, StringComparison.Ordinal)
            && !f.StartsWith(WritesEnded, StringComparison.Ordinal)
            && !Everywhere.Any(e => Path.GetFileName(f).StartsWith(e, StringComparison.Ordinal)));
    }

    [KernelFact(Needs.Native)]
    public void The_native_program_compiles_nothing_while_it_runs()
    {
        // [vdso] and [vsyscall] belong to the kernel. Compiled code is in no file, or in one without a name
        // (/memfd:doublemapper).
        Assert.DoesNotContain(
            MappingsOfARunningCopy(), m =>
            m.Rights.Contains('x') && !File.Exists(m.File) && m.File is not ("[vdso]" or "[vsyscall]"));
    }

    [KernelTheory(Needs.Native)]
    [InlineData("")]
    [InlineData("reader.threads = 16, writer.threads = 16")]
    [InlineData("compression = lz4, compressor.threads = 16")]
    public void A_copy_takes_the_budget_and_40_MiB_at_most(string settings)
    {
        SourceFile.Dense(place.Source("dense"), 192 * MiB);
        SourceFile.Text(place.Source("text"), 64 * MiB);
        string config = place.Config($"bundle-copier {{ {settings} }}");
        using RunningCli cli = Cli.Start(["--manifest", place.Manifest(place.Source("*")), "--config", config]);
        long peak = cli.PeakOf("VmHWM");
        Ended.With(0, cli.Wait());
        long told = ReceiptView.Read(place).Resources.GetProperty("peakRssBytes").GetInt64();
        Assert.InRange(Math.Max(peak, told), MiB, BudgetBytes + MaxRuntimeBytes);
    }

    private List<(long Start, long End, string Rights, string File)> MappingsOfARunningCopy()
    {
        SourceFile.Dense(place.Source("a"), 32 * MiB);
        string config = place.Config("bundle-copier.writer.max-rate = 1MiB");
        using RunningCli cli = Cli.Start(["--manifest", place.Manifest(place.Source("*")), "--config", config]);
        string output = Path.Combine(place.PartialPath, "files", "a");
        cli.FreezeWhen(
            () => File.Exists(output) && Kernel.StatusOf(output).AllocatedBytes > 0, "something was written");
        return cli.Mappings();
    }
}
