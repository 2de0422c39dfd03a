using System.Globalization;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>How the machine's memory is used, in bytes.</summary>
/// <param name="Available">What could be had without swapping: what is free, and what of the page cache can go.</param>
/// <param name="Free">What nobody uses for anything.</param>
/// <param name="PageCache">Of files on disks: tmpfs, which the kernel counts as page cache too, is left out.</param>
/// <param name="Dirty">What is still to be written to disks or on its way there.</param>
public sealed record MemoryState(long Available, long Free, long PageCache, long Dirty)
{
    private const string Source = "/proc/meminfo";

    public static MemoryState Now() => Parse(File.ReadAllText(Source));

    /// <summary>Reads what /proc/meminfo says.</summary>
    public static MemoryState Parse(string text)
    {
        Dictionary<string, long> bytes = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries);
            bytes[words[0]] = long.Parse(words[1], CultureInfo.InvariantCulture) * 1024;
        }

        return new MemoryState(bytes["MemAvailable"], bytes["MemFree"], bytes["Cached"] - bytes["Shmem"], bytes["Dirty"] + bytes["Writeback"]);
    }
}
