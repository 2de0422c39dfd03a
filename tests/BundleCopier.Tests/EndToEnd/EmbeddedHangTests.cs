using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>An application that embeds the engine goes on while a filesystem hangs, and ends without waiting.</summary>
[Trait("Speed", "slow")]
public sealed class EmbeddedHangTests : IDisposable
{
    private const long MiB = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Workspace place = new();
    private HangingFilesystem? filesystem;

    public void Dispose()
    {
        filesystem?.Dispose();
        place.Dispose();
    }

    [KernelTheory(Needs.ForgetfulDisk)]
    [InlineData("write")]
    [InlineData("fsync")]
    [InlineData("rename")]
    public async Task Other_copies_go_on_and_a_dead_copy_publishes_nothing_after_the_thaw(string operation)
    {
        HangingFilesystem hanging = filesystem = new HangingFilesystem(place.Disk);
        string heap = SourceFile.Dense(place.Source("heap"), 5 * MiB);
        ActorSystem system = Start();
        CopyEngine engine = new(system);
        CopySettings settings = new() { StallTimeout = TimeSpan.FromSeconds(2) };
        hanging.Hang(operation, "*");
        Task<CopyResult> dead = engine.CopyAsync(Manifest(hanging.Point, heap), settings);
        Assert.True(SpinWait.SpinUntil(() => hanging.Held > 0, Patience));
        Assert.IsType<CopyResult.Committed>(
            await engine.CopyAsync(Manifest(place.Destination, heap), settings).WaitAsync(Patience));
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(await dead.WaitAsync(Patience));
        Assert.Equal(RefusalKind.DestinationHung, refused.Refusal.Kind);
        Stopwatch time = Stopwatch.StartNew();
        await system.Terminate().WaitAsync(Patience);
        Assert.InRange(time.ElapsedMilliseconds, 0, 4000);

        hanging.Thaw();
        // The thread that hung takes the name back, and closes its files.
        Assert.True(
            SpinWait.SpinUntil(() => OpenBelow(hanging.Point).Length == 0, Patience),
            $"Open after the thaw: {string.Join(' ', OpenBelow(hanging.Point))}");
        Assert.Equal([".b.partial"], Directory.GetFileSystemEntries(hanging.Behind).Select(Path.GetFileName));
    }

    [KernelFact(Needs.ForgetfulDisk)]
    public async Task A_copy_that_is_cancelled_and_a_system_that_ends_do_not_wait_for_a_source_that_hangs()
    {
        HangingFilesystem hanging = filesystem = new HangingFilesystem(place.Disk);
        string stuck = Path.Combine(hanging.Point, "stuck");
        SourceFile.Dense(Path.Combine(hanging.Behind, "stuck"), 5 * MiB);
        string heap = SourceFile.Dense(place.Source("heap"), 5 * MiB);
        ActorSystem system = Start();
        CopyEngine engine = new(system);
        using CancellationTokenSource stop = new();
        hanging.Hang("read", "stuck");
        string other = Workspace.MakePrivate(Path.Combine(place.Disk, "other"));
        Task<CopyResult> cancelled = engine.CopyAsync(Manifest(place.Destination, heap, stuck), stop: stop.Token);
        Task<CopyResult> ended = engine.CopyAsync(Manifest(other, heap, stuck));
        Assert.True(SpinWait.SpinUntil(() => hanging.Held > 1, Patience));
        await stop.CancelAsync();
        Assert.IsType<CopyResult.Committed>(await cancelled.WaitAsync(Patience));
        Stopwatch time = Stopwatch.StartNew();
        await system.Terminate().WaitAsync(Patience);
        Assert.InRange(time.ElapsedMilliseconds, 0, 5000);
        Assert.Equal(BundleStatus.Cancelled, Assert.IsType<CopyResult.Committed>(await ended).Receipt.Status);

        hanging.Thaw();
        Assert.True(
            SpinWait.SpinUntil(() => OpenBelow(hanging.Point).Length == 0, Patience),
            $"Open after the thaw: {string.Join(' ', OpenBelow(hanging.Point))}");
        Ended.With(0, place.Verify());
    }

    private static ActorSystem Start() => ActorSystem.Create(
        "host", ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(ReferenceConfig.Value));

    private static BundleManifest Manifest(string destination, params string[] sources) =>
        BundleManifest.Create("b", [.. sources.Select(static s => new ManifestFile(s))], destination).Value!;

    private static string[] OpenBelow(string directory) => [.. Directory.GetFiles("/proc/self/fd").Select(static fd =>
    {
        try
        {
            return new FileInfo(fd).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }).Where(target => target.StartsWith(directory, StringComparison.Ordinal))];
}
