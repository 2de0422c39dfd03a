using Akka.Actor;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A copy lowers the priority of its worker threads. Code that the engine calls back must not run on such a thread,
/// because threads that it starts would inherit the low priority.
/// </summary>
public sealed class CallbackThreadTests : IDisposable
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
    public async Task Progress_and_result_are_reported_on_a_thread_that_was_not_lowered(bool isCancelled)
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
        // Many reports, so that some would run on a worker's thread if workers could run the supervisor.
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
