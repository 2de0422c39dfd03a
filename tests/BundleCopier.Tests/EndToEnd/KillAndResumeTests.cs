using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// SIGKILL at random moments of a copy, and then the same command, which must make the same bundle as a copy that was
/// not killed, and write only what is missing.
/// </summary>
[Trait("Program", "native")]
public sealed class KillAndResumeTests(ITestOutputHelper log) : IDisposable
{
    private const long MiB = 1 << 20;
    private const long SourceBytes = 24 * MiB;
    private const long BudgetBytes = 4 * MiB;

    // Besides 5 % of the data. A busy disk delays the journal: once, 34 MiB were written again.
    private const long MaxAgainBytes = 64 * MiB;

    // In flight, not yet in the journal, and the metadata of the filesystem.
    private const long UsuallyAgainBytes = (2 * BudgetBytes) + (4 * MiB);
    private const int Kills = 14;

    private static readonly string[] Kinds = ["raw", "map", "ranges", "small", "mixed", "lz4", "auto"];

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Native | Needs.Root | Needs.Xfs | Needs.Btrfs)]
    public void After_a_kill_at_any_moment_the_same_command_makes_the_bundle_of_one_run() =>
        KillAndResume("ext4", Kills);

    /// <summary>scripts/fuzz runs this with a number of kills for each filesystem.</summary>
    [KernelFact(Needs.Native | Needs.Root | Needs.Xfs | Needs.Btrfs)]
    public void After_every_kill_that_the_fuzz_script_asks_for_the_same_command_makes_the_bundle_of_one_run()
    {
        if (Fuzz.Number("KILLS") is not { } kills)
            return;
        foreach (string type in (string[])["ext4", "xfs", "btrfs"])
            KillAndResume(type, kills);
    }

    private void KillAndResume(string type, int kills)
    {
        log.WriteLine($"BUNDLECOPY_SEED={Moments.Seed} on {type}");
        Random random = new(Moments.Seed);
        place.Mount(type, 400 * MiB);
        if (!File.Exists(place.Source("heap")))
            Sources();
        int resumed = 0;
        long keptBytes = 0;
        List<long> again = [];
        for (int i = 0; i < kills; i++)
        {
            string kind = Kinds[i % Kinds.Length];
            string[] args = Copy(kind);
            Stopwatch since = Stopwatch.StartNew();
            Ended.With(0, Cli.Run(args));
            TimeSpan whole = since.Elapsed;
            ReceiptView one = ReceiptView.Read(place);
            Directory.Delete(place.BundlePath, recursive: true);
            string what = $"{kind} on {type}, kill {i}";
            long writtenBytes = Kill(args, whole * random.NextDouble());
            if (random.Next(3) == 0 && !Directory.Exists(place.BundlePath))
                writtenBytes += Kill(args, whole * random.NextDouble() * 0.7);
            if (Directory.Exists(place.BundlePath))
            {
                Directory.Delete(place.BundlePath, recursive: true);
                continue;
            }

            CliResult result = Cli.Run(args);
            Assert.True(result.ExitCode == 0, $"{what}: {result}");
            ReceiptView two = ReceiptView.Read(place);
            long totalBytes = two.Files.Sum(static f => f.WrittenBytes);
            long kept = two.Root.TryGetProperty("resumed", out _)
                ? two.Resources.GetProperty("keptBytes").GetInt64() : 0;
            (resumed, keptBytes) = (resumed + (kept > 0 ? 1 : 0), keptBytes + kept);
            long againBytes = writtenBytes - kept - (totalBytes / 20);
            Assert.True(
                againBytes <= MaxAgainBytes,
                $"{what}: {writtenBytes} and {totalBytes - kept} bytes were written, of {totalBytes}");
            again.Add(againBytes);
            IsSame(one, two, kind, what);
            Assert.DoesNotContain(".b.partial", place.LeftInDestination);
            Ended.With(0, place.Verify());
            string restored = CompressedBundle.Extract(0, place);
            CompressedBundle.RestoresRanges(two, restored);
            Directory.Delete(restored, recursive: true);
            Directory.Delete(place.BundlePath, recursive: true);
        }

        // Checks the test itself.
        Assert.True(resumed > kills / 5, $"Only {resumed} copies had something to go on from.");
        again.Sort();
        log.WriteLine($"{type}: {kills} kills, {resumed} copies went on, {keptBytes / MiB} MiB were kept; "
            + $"written again: {again[again.Count / 2] / MiB} MiB (median), {again[^1] / MiB} MiB (most)");
        Assert.True(
            again[again.Count / 2] <= UsuallyAgainBytes,
            $"{type}: in half of the kills more than {again[again.Count / 2]} bytes were written twice");
    }

    private static void IsSame(ReceiptView one, ReceiptView two, string kind, string what)
    {
        Assert.Equal("complete", two.Status);
        foreach ((ReceiptView.FileView a, ReceiptView.FileView b) in one.Files.Zip(two.Files))
        {
            Assert.True((a.Name, a.Checksum, a.DataBytes) == (b.Name, b.Checksum, b.DataBytes), $"{what}: {a.Name}");
            // With auto, the speed of the disk decides what is compressed.
            Assert.True(kind == "auto" || a.WrittenBytes == b.WrittenBytes, $"{what}: {a.Name}");
            Assert.True(b.Stable, $"{what}: {a.Name}");
        }
    }

    private void Sources()
    {
        SourceFile.Dense(place.Source("heap"), SourceBytes - 100);
        SourceFile.Sparse(place.Source("sparse"), 3 * SourceBytes, (MiB, 3 * MiB), (40 * MiB, 5 * MiB));
        SourceFile.Text(place.Source("text"), SourceBytes / 2);
        Workspace.MakePrivate(place.Source("small"));
        for (int i = 0; i < 1500; i++)
            SourceFile.Dense(place.Source($"small/{i}"), (16 << 10) - (i % 7));
    }

    private string[] Copy(string kind)
    {
        string settings = kind switch
        {
            "map" => "reader.mode = map",
            "lz4" or "auto" => $"compression = {kind}",
            _ => "",
        };
        string[] sources = kind switch
        {
            "small" => ["small/*"],
            "mixed" => ["sparse", "text", "heap"],
            "lz4" or "auto" => ["text", "heap", "sparse"],
            _ => ["heap"],
        };
        JsonObject[] entries = [.. sources.Select(s => Workspace.Entry(place.Source(s)))];
        if (kind == "ranges")
            entries = [Workspace.Entry(place.Source("heap"), null, null, (4000, 9 * MiB), (12 * MiB, 7 * MiB))];
        string config = place.Config(string.Create(
            CultureInfo.InvariantCulture,
            $"bundle-copier {{ {settings}\nbudget = {BudgetBytes}\nprocess.scheduling = keep }}"));
        return ["--manifest", place.Manifest(entries), "--config", config];
    }

    /// <summary>Kills a copy after some time. Returns how much it has written.</summary>
    private static long Kill(string[] args, TimeSpan moment)
    {
        using RunningCli cli = Cli.Start(args);
        Moments.Await(cli, Stopwatch.StartNew(), moment);
        long written = cli.WrittenBytes();
        Moments.Kill(cli);
        Assert.True(cli.Wait().ExitCode is 0 or 137);
        return written;
    }
}
