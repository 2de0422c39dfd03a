using System.IO.Pipes;
using BundleCopier.Actors;
using BundleCopier.Hosting;
using BundleCopier.Manifest;
using BundleCopier.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.Hosting;

/// <summary>The kernel counts the threads of this process, so no other test runs at the same time.</summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class ArmedThreadsTests : IDisposable
{
    private readonly string destination = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose() => Directory.Delete(destination, recursive: true);

    [Theory]
    [InlineData("on", false)]
    [InlineData("off", true)]
    public async Task The_first_copy_of_an_armed_engine_starts_no_thread(string armed, bool startsThreads)
    {
        using IHost host = new HostBuilder()
            .ConfigureServices(services => services.AddBundleCopier(options => options.Hocon =
                $"bundle-copier {{ budget = 4MiB, engine {{ max-concurrent-copies = 1, armed = {armed} }} }}"))
            .Build();
        await host.StartAsync();
        IBundleCopier copier = host.Services.GetRequiredService<IBundleCopier>();
        HashSet<string> before = CopierThreads();
        using AnonymousPipeServerStream writer = new(PipeDirection.Out);
        SafeFileHandle reader = new(writer.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: true);
        writer.ClientSafePipeHandle.SetHandleAsInvalid();
        ManifestFile pipe = ManifestFile.Of(new StreamSource(reader), "pipe:test", "pipe");
        IRunningCopy running = copier.Start(BundleManifest.Create("b", [pipe], destination).Value!);
        // A pipe holds less than this, so when all is written, the threads of the copy run.
        await writer.WriteAsync(new byte[1 << 20]);
        Assert.Equal(startsThreads, CopierThreads().Except(before).Any());

        writer.Dispose();
        Assert.IsType<CopyResult.Committed>(await running.Completion);
        await host.StopAsync();
    }

    // proc_pid_task(5)
    private static HashSet<string> CopierThreads() => [.. Directory.GetDirectories("/proc/self/task").Where(IsCopiers)];

    private static bool IsCopiers(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Trim() == OwnThreadHost.ThreadName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }
    }
}
