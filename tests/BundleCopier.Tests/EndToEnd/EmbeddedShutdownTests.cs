using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Manifest;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The engine in a host's actor system, which ends or has settings of its own.</summary>
public sealed class EmbeddedShutdownTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const int Batch = 3; // sched(7)
    private const int Idle = 5;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_system_that_ends_commits_what_is_complete_first(bool byCoordinatedShutdown)
    {
        SourceFile.Dense(place.Source("small"), 5000);
        SourceFile.Dense(place.Source("big"), 200 * MiB);
        ActorSystem system = Start("bundle-copier.writer.max-rate = 20 MiB");
        using ProgressSignal begun = new(MiB);
        Task<CopyResult> copy = new CopyEngine(system).CopyAsync(
            Manifest(new ManifestFile(place.Source("small")) { Priority = 1 }, new ManifestFile(place.Source("big"))),
            progress: begun);
        await begun.Reached;
        if (byCoordinatedShutdown)
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        else
            await system.Terminate();
        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(await copy);
        Assert.Equal(BundleStatus.Cancelled, committed.Receipt.Status);
        Ended.With(0, place.Verify());
        Same.Bytes(place.Source("small"), place.Output("small"));
    }

    [KernelFact]
    public async Task Without_settings_a_copy_has_those_of_the_system()
    {
        SourceFile.Dense(place.Source("small"), 5000);
        ActorSystem system = Start("bundle-copier.budget = 8 MiB");
        CopyResult result = await new CopyEngine(system).CopyAsync(Manifest(new ManifestFile(place.Source("small"))));
        Assert.Equal(8 * MiB, Assert.IsType<CopyResult.Committed>(result).Receipt.Resources.BudgetBytes);
        await system.Terminate();
    }

    [KernelFact]
    public async Task The_threads_of_a_copy_never_idle_because_the_garbage_collector_of_the_host_waits_for_them()
    {
        SourceFile.Dense(place.Source("big"), 64 * MiB);
        ActorSystem system = Start("bundle-copier { governor.profile = gentle, writer.max-rate = 10 MiB }");
        using ProgressSignal begun = new(8 * MiB);
        using CancellationTokenSource stop = new();
        Task<CopyResult> copy = new CopyEngine(system).CopyAsync(
            Manifest(new ManifestFile(place.Source("big"))), progress: begun, stop: stop.Token);
        await begun.Reached;
        int[] policies = [.. RunningCli.ThreadsOf(Environment.ProcessId)
            .Where(static t => t.Name == "bundle-copier").Select(static t => t.Policy)];
        await stop.CancelAsync();
        await copy;
        await system.Terminate();
        Assert.Contains(Batch, policies);
        Assert.DoesNotContain(Idle, policies);
    }

    [KernelFact]
    public async Task A_wrong_setting_of_the_system_is_named()
    {
        ActorSystem system = Start("bundle-copier.budget = many");
        CopyResult result = await new CopyEngine(system).CopyAsync(Manifest(new ManifestFile(place.Source("small"))));
        Assert.Contains("budget", Assert.IsType<CopyResult.Invalid>(result).Error.ToString(), StringComparison.Ordinal);
        await system.Terminate();
    }

    private static ActorSystem Start(string hocon) => ActorSystem.Create(
        "host", ConfigurationFactory.ParseString("akka.loglevel = OFF\n" + hocon).WithFallback(ReferenceConfig.Value));

    private BundleManifest Manifest(params ManifestFile[] files) =>
        BundleManifest.Create("b", files, place.Destination).Value!;

    private sealed class ProgressSignal(long bytes) : IProgress<CopyProgress>, IDisposable
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => reached.Task;

        public void Report(CopyProgress value)
        {
            if (value.DataBytes >= bytes)
                reached.TrySetResult();
        }

        public void Dispose() => reached.TrySetCanceled();
    }
}
