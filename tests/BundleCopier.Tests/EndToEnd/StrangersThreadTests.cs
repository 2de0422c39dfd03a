using Akka.Actor;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A copy's workers step back behind all other threads. Code that the engine calls back must not run on such a
/// thread: a thread that it starts would inherit the place at the back.
/// </summary>
public sealed class StrangersThreadTests : IDisposable
{
    private readonly Workspace place = new();
    private readonly ActorSystem system = ActorSystem.Create("strangers", ReferenceConfig.Value);

    public void Dispose()
    {
        system.Terminate().Wait();
        place.Dispose();
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_is_told_progress_or_the_result_is_on_a_thread_that_has_not_stepped_back(bool isCancelled)
    {
        using CancellationTokenSource stop = new();
        Watcher watcher = new(() =>
        {
            if (isCancelled)
                stop.Cancel();
        });
        ManifestFile file = new(SourceFile.Dense(place.Source("heap"), 512 << 20));
        BundleManifest manifest = BundleManifest.Create("b", [file], place.Destination).Value!;
        Task<CopyResult> copy = new CopyEngine(system).CopyAsync(manifest, progress: watcher, stop: stop.Token);
        ActorSelection supervisor = system.ActorSelection("/user/*/*");
        // So many that a worker who takes a turn is bound to come across some, and no more than are told.
        while (!copy.IsCompleted)
        {
            supervisor.Tell(SupervisorProtocol.ReportProgress.Instance);
            watcher.Told.Wait(millisecondsTimeout: 1);
        }

        CopyResult result = await copy;
        Assert.True(result is CopyResult.Committed, $"{result}");
        Assert.Equal(SCHED_OTHER, Policy());
        Assert.NotEmpty(watcher.Policies);
        Assert.All(watcher.Policies, policy => Assert.Equal(SCHED_OTHER, policy));
    }

    private static int Policy()
    {
        Assert.True(ThreadClass.OfThisThread(out ThreadClass found).IsOk);
        return found.Policy;
    }

    private sealed class Watcher(Action whenCopying) : IProgress<CopyProgress>
    {
        public List<int> Policies { get; } = [];

        public SemaphoreSlim Told { get; } = new(0);

        public void Report(CopyProgress value)
        {
            Policies.Add(Policy());
            if (value.DataBytes > 64 << 20)
                whenCopying();
            Told.Release();
        }
    }
}
