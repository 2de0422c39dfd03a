using System.IO.Pipes;
using BundleCopier.Faults;
using BundleCopier.Hosting;
using BundleCopier.Manifest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.Hosting;

public sealed class EngineQueueTests : IDisposable
{
    private readonly string destination = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose() => Directory.Delete(destination, recursive: true);

    [Fact]
    public async Task Copies_wait_for_the_engines_budget_and_can_be_seen_and_cancelled()
    {
        File.WriteAllBytes($"{destination}/small", [1]);
        using IHost host = Build("bundle-copier { budget = 4MiB, engine { budget = 6MiB, armed = on } }");
        await host.StartAsync();
        IBundleCopier copier = host.Services.GetRequiredService<IBundleCopier>();
        using AnonymousPipeServerStream writer = new(PipeDirection.Out);
        SafeFileHandle reader = new(writer.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: true);
        writer.ClientSafePipeHandle.SetHandleAsInvalid();
        ManifestFile pipe = ManifestFile.Of(new StreamSource(reader), "pipe:test", "pipe");

        IRunningCopy running = copier.Start(Manifest("running", pipe));
        IRunningCopy low = copier.Start(Manifest("low", new ManifestFile($"{destination}/small")));
        IRunningCopy high = copier.Start(Manifest("high", new ManifestFile($"{destination}/small") { Priority = 9 }));

        EngineState state = copier.State;
        Assert.Equal((1, 4L << 20, true), (state.Running, state.UsedBytes, state.IsArmed));
        Assert.Equal(["high", "low"], state.Waiting.Select(static w => w.Bundle));
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(await low.CancelAsync());
        Assert.Equal(RefusalKind.Stopped, refused.Refusal.Kind);

        writer.Dispose();
        Assert.IsType<CopyResult.Committed>(await running.Completion);
        Assert.IsType<CopyResult.Committed>(await high.Completion);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_copy_that_could_never_run_is_refused_at_the_start()
    {
        using IHost host = Build("bundle-copier.engine.budget = 8MiB");
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains(
            "bundle-copier.budget: 32MiB is more than bundle-copier.engine.budget (8MiB)",
            failure.ToString(),
            StringComparison.Ordinal);
    }

    private static IHost Build(string hocon) => new HostBuilder()
        .ConfigureServices(services => services.AddBundleCopier(options => options.Hocon = hocon))
        .Build();

    private BundleManifest Manifest(string name, ManifestFile file) =>
        BundleManifest.Create(name, [file], destination).Value!;
}
