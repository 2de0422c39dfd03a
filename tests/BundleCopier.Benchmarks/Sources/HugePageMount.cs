using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Sources;

/// <summary>A tmpfs whose files are in huge pages; mounted until it is disposed.</summary>
public sealed class HugePageMount : IDisposable
{
    private HugePageMount(string path) => Path = path;

    public string Path { get; }

    /// <summary>Mounts the tmpfs, or says why this is not possible.</summary>
    public static HugePageMount? TryMount(string path, long bytes, out string reason)
    {
        Directory.CreateDirectory(path);
        try
        {
            // A little more than the file, because huge pages round it up.
            string options = string.Create(CultureInfo.InvariantCulture, $"huge=always,size={bytes + (64 << 20)}");
            Meter.Text(new Command("mount", "-t", "tmpfs", "-o", options, "bundlecopy-bench", path));
        }
        catch (MeasurementException refused)
        {
            reason = refused.Message.ReplaceLineEndings(" ");
            return null;
        }

        reason = "";
        return new HugePageMount(path);
    }

    /// <summary>The bytes of shared memory in huge pages.</summary>
    public static long HugeBytes()
    {
        string line = File.ReadLines("/proc/meminfo").FirstOrDefault(
            l => l.StartsWith("ShmemHugePages:", StringComparison.Ordinal), "x 0 kB");
        return long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Unmounts the tmpfs, which frees its files.</summary>
    public void Dispose() => Meter.Text(new Command("umount", Path));
}
