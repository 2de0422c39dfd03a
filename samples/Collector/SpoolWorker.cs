using System.Threading.Channels;
using BundleCopier;
using BundleCopier.Input;
using BundleCopier.Manifest;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collector;

/// <summary>
/// Copies what the manifests in the spool name. A manifest is renamed into the spool, so it is whole when it is seen.
/// While it is copied its name ends in <c>.running</c>, so the copy goes on after a restart. Afterwards it is in
/// <c>done</c>, or in <c>failed</c> beside a text that says why.
/// </summary>
internal sealed partial class SpoolWorker(IBundleCopier copier, CollectorSettings settings, ILogger<SpoolWorker> log)
    : BackgroundService
{
    private const string Running = ".running";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string done = Path.Combine(settings.Spool, "done");
        string failed = Path.Combine(settings.Spool, "failed");
        Directory.CreateDirectory(done);
        Directory.CreateDirectory(failed);
        Channel<string> arrived = Channel.CreateUnbounded<string>();
        using FileSystemWatcher watcher = new(settings.Spool, "*.json");
        watcher.Created += (_, e) => arrived.Writer.TryWrite(e.FullPath);
        watcher.Renamed += (_, e) => arrived.Writer.TryWrite(e.FullPath);
        watcher.EnableRaisingEvents = true;
        List<Task> copies =
        [
            .. Directory.GetFiles(settings.Spool, $"*{Running}")
                .Select(path => CollectAsync(path, done, failed, stoppingToken)),
        ];
        foreach (string path in Directory.GetFiles(settings.Spool, "*.json"))
            arrived.Writer.TryWrite(path);
        try
        {
            await foreach (string path in arrived.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                copies.RemoveAll(static copy => copy.IsCompleted);
                if (Claim(path) is { } claimed)
                    copies.Add(CollectAsync(claimed, done, failed, stoppingToken));
            }
        }
        catch (OperationCanceledException)
        {
            // Each copy commits what is complete.
            await Task.WhenAll(copies).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a manifest. Null where it is none, or is taken already.</summary>
    private static string? Claim(string path)
    {
        // Taking a manifest is a rename, which is seen, too.
        if (!path.EndsWith(".json", StringComparison.Ordinal))
            return null;
        try
        {
            File.Move(path, path + Running);
            return path + Running;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task CollectAsync(string path, string done, string failed, CancellationToken stop)
    {
        string name = Path.GetFileName(path)[..^Running.Length];
        try
        {
            byte[] text = await File.ReadAllBytesAsync(path, stop).ConfigureAwait(false);
            string? problem = await CopyAsync(text, name, stop).ConfigureAwait(false);
            if (problem is not null)
                await File.WriteAllTextAsync(Path.Combine(failed, $"{name}.txt"), problem, stop).ConfigureAwait(false);
            File.Move(path, Path.Combine(problem is null ? done : failed, name), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            // It stays in the spool, and the next start goes on with it.
            SpoolFailed(log, e, name);
        }
    }

    private async Task<string?> CopyAsync(byte[] text, string name, CancellationToken stop)
    {
        Parsed<BundleManifest> manifest = ManifestReader.Read(text, name);
        if (manifest.IsOk)
            manifest = manifest.Value.WithDestination(settings.Destination, "Collector:Destination");
        if (!manifest.IsOk)
            return manifest.Error.ToString();
        IRunningCopy copy = copier.Start(manifest.Value, stop);
        return await copy.Completion.ConfigureAwait(false) switch
        {
            CopyResult.Committed => null,
            CopyResult.Refused refused => refused.Refusal.Message,
            CopyResult.Invalid invalid => invalid.Error.ToString(),
            _ => throw new InvalidOperationException(),
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "The manifest {Name} stays in the spool.")]
    private static partial void SpoolFailed(ILogger log, Exception error, string name);
}
