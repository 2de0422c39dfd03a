using System.Collections.Concurrent;
using BundleCopier.Manifest;
using BundleCopier.Restore;
using BundleCopier.Settings;
using BundleCopier.Verify;
using Xunit;

namespace BundleCopier.Tests.Restore;

public sealed class AsyncRestoreTests : IDisposable
{
    private readonly string place = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose() => Directory.Delete(place, recursive: true);

    [Fact]
    public async Task A_preview_tells_each_file_and_can_be_stopped()
    {
        File.WriteAllBytes($"{place}/a", new byte[5000]);
        BundleManifest manifest = BundleManifest
            .Create("preview", [new ManifestFile($"{place}/a"), new ManifestFile($"{place}/gone")], place).Value!;
        Heard<CopyPreview.PlannedCopy> heard = new();
        CopyPreview.Outcome outcome = await CopyPreview.OfAsync(manifest, new CopySettings(), heard);
        Assert.Equal(outcome.Preview!.Files, heard.All);
        Assert.Equal(2, heard.All.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => CopyPreview.OfAsync(manifest, new CopySettings(), stop: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Verify_and_extract_answer_like_the_calls_that_block()
    {
        Assert.IsType<VerifyReport.NoBundle>(await new BundleVerifier().VerifyAsync($"{place}/none"));
        Assert.IsType<ExtractReport.NoBundle>(
            await new BundleExtractor().ExtractAsync($"{place}/none", $"{place}/out"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new BundleVerifier().VerifyAsync(place, stop: new CancellationToken(canceled: true)));
    }

    private sealed class Heard<T> : IProgress<T>
    {
        public ConcurrentQueue<T> All { get; } = [];

        public void Report(T value) => All.Enqueue(value);
    }
}
