namespace BundleCopier.Tests.Hosting;

/// <summary>A directory in memory for sources and one for bundles. Dispose removes both.</summary>
internal sealed class HostedPlace : IDisposable
{
    public string Source { get; } = Directory.CreateDirectory($"/dev/shm/bundlecopy-test-{Guid.NewGuid():n}").FullName;

    public string Destination { get; } = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;

    public void Dispose()
    {
        Directory.Delete(Source, recursive: true);
        Directory.Delete(Destination, recursive: true);
    }
}
