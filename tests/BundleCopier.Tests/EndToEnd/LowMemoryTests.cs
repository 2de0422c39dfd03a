using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The state of a machine after a crash: shared memory has nearly all of its memory, and there is no swap. The copy and
/// the processes that still run must do with the rest.
/// </summary>
[Trait("Program", "native")]
[Collection(AloneOnTheMachine.Name)]
public sealed class LowMemoryTests(ITestOutputHelper output) : IDisposable
{
    private const long MiB = 1 << 20;
    private const long SizeBytes = 8L << 30;
    private const long LeftBytes = 180 * MiB;
    private const long FloorBytes = 150 * MiB;
    private const long NeighbourBytes = 16 * MiB;

    // The copy leaves 154 MiB (measured). With less than this left, another process takes memory too, and no other
    // process may be killed for a test.
    private const long ReliefBytes = 110 * MiB;
    private const int MaxTries = 3;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native | Needs.Scarcity)]
    [Trait("Category", "Large")]
    public void With_180_MiB_left_8_GiB_are_copied_and_no_page_of_a_neighbour_is_taken()
    {
        using Process caretaker = RemoveSourceWhenThisProcessEnds();
        string source = SourceFile.Large(place.Source("heap"), SizeBytes);
        string[] args = ["--manifest", place.Manifest(source)];
        using Process neighbour = Neighbour(out string program);
        string data = SourceFile.Dense(Path.Combine(place.Disk, "data"), NeighbourBytes);
        Tool.Run("sync", program, data);
        try
        {
            int tries = 1;
            while (!IsCopiedWithLittleMemory(args, program, data))
            {
                Assert.True(
                    tries++ < MaxTries,
                    $"{MaxTries} times the neighbour lost pages, or another process took so much memory that the "
                    + "ballast was given back; the output says which.");
                Directory.Delete(place.BundlePath, recursive: true);
            }

            ReceiptView receipt = ReceiptView.Read(place);
            receipt["heap"].IsWhole();
            output.WriteLine(
                $"{receipt.Resources.GetProperty("peakRssBytes").GetInt64() / MiB} MiB resident, "
                + $"{receipt.Resources.GetProperty("seconds")} s");
        }
        finally
        {
            neighbour.Kill();
            caretaker.Kill();
        }
    }

    /// <summary>
    /// Copies, and checks that the neighbour lost no memory. False where another process took memory meanwhile.
    /// </summary>
    private bool IsCopiedWithLittleMemory(string[] args, string program, string data)
    {
        using Ballast ballast = new(LeftBytes, FloorBytes);
        // Filling the machine took pages too; only pages that the copy takes count.
        Use(program, data);
        (long ofProgram, long ofData) = (Kernel.CachedBytes(program), Kernel.CachedBytes(data));
        Assert.Equal((Whole(program), Whole(data)), (ofProgram, ofData));
        (long available, long kills, long refaults) =
            (Ballast.Available, Counter("oom_kill"), Counter("workingset_refault_file"));
        using RunningCli cli = Cli.Start(args, patience: Cli.LongPatience);
        long least = long.MaxValue;
        cli.PeakOf(() =>
        {
            least = Math.Min(least, Ballast.Available);
            if (least < ReliefBytes)
                ballast.Dispose();
            return -least;
        });
        Ended.Committed(0, place, cli.Wait());
        output.WriteLine(
            $"{ballast.SizeBytes / MiB} MiB of ballast, {available / MiB} MiB available before, "
            + $"{least / MiB} MiB at least, {Ballast.Available / MiB} MiB after; "
            + $"{Counter("oom_kill") - kills} killed, "
            + $"{Counter("workingset_refault_file") - refaults} pages of files read again on the whole machine");
        (long programLeft, long dataLeft) = (Kernel.CachedBytes(program), Kernel.CachedBytes(data));
        output.WriteLine(
            $"of the neighbour's program {programLeft} of {ofProgram} bytes are resident, "
            + $"of files just read {dataLeft} of {ofData}");
        if (least < ReliefBytes)
            return false;
        Assert.Equal(kills, Counter("oom_kill"));
        // So close to its watermarks the kernel takes a few pages back, whichever process asks for one (4 of 4,096
        // seen). A copy that takes pages takes them in each try.
        return programLeft == ofProgram && dataLeft >= ofData * 99 / 100;
    }

    // A process that sleeps. No other process uses its program.
    private Process Neighbour(out string program)
    {
        program = Path.Combine(place.Disk, "neighbour");
        File.Copy(Tool.Find("bash")!, program);
        return Process.Start(new ProcessStartInfo(program, ["-c", "read -r _"]) { RedirectStandardInput = true })!;
    }

    // The source has a name, so it would outlive a test process that is killed. A shell waits for the end of this
    // process and removes the source.
    private Process RemoveSourceWhenThisProcessEnds() =>
        Process.Start(
            new ProcessStartInfo(
            "sh", ["-c", "read -r _; rm -rf \"$0\"", place.Memory])
            { RedirectStandardInput = true })!;

    // Twice: the kernel drops pages that were used once before all others.
    private static void Use(params string[] files)
    {
        byte[] buffer = new byte[MiB];
        foreach (string file in (string[])[.. files, .. files])
        {
            using FileStream stream = File.OpenRead(file);
            while (stream.Read(buffer) > 0)
            {
            }
        }
    }

    private static long Whole(string file) =>
        (new FileInfo(file).Length
        + Environment.SystemPageSize - 1) / Environment.SystemPageSize * Environment.SystemPageSize;

    private static long Counter(string name) =>
        long.Parse(
            File.ReadLines("/proc/vmstat").First(l => l.StartsWith(name + " ", StringComparison.Ordinal))
            .Split(' ')[1]);
}
