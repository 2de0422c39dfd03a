using System.Globalization;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>The machine's memory, in bytes.</summary>
/// <param name="Available">
/// Memory that programs can get without swapping: free memory and reclaimable page cache.
/// </param>
/// <param name="Free">Memory without any use.</param>
/// <param name="PageCache">
/// Page cache of files on disks, without tmpfs, which the kernel counts as page cache, too.
/// </param>
/// <param name="Dirty">Page cache that waits to be written, or is being written.</param>
public sealed record MemoryState(long Available, long Free, long PageCache, long Dirty)
{
    private const string Source = "/proc/meminfo";

    public static MemoryState Now() => Parse(File.ReadAllText(Source));

    /// <summary>Reads /proc/meminfo.</summary>
    public static MemoryState Parse(string text)
    {
        Dictionary<string, long> bytes = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries);
            bytes[words[0]] = long.Parse(words[1], CultureInfo.InvariantCulture) * 1024;
        }

        return new MemoryState(
            bytes["MemAvailable"],
            bytes["MemFree"],
            bytes["Cached"] - bytes["Shmem"],
            bytes["Dirty"] + bytes["Writeback"]);
    }
}
