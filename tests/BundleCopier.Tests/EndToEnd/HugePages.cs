using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Huge pages that are reserved for a test. Dispose puts the number back.</summary>
internal sealed class HugePages : IDisposable
{
    private const string Setting = "/proc/sys/vm/nr_hugepages";

    private readonly string before = File.ReadAllText(Setting);

    private HugePages()
    {
    }

    public static HugePages Reserve(int count)
    {
        HugePages reserved = new();
        int wanted = int.Parse(reserved.before, CultureInfo.InvariantCulture) + count;
        File.WriteAllText(Setting, $"{wanted}");
        return reserved;
    }

    /// <summary>Why there are none; null where there are.</summary>
    public static string? Lack()
    {
        try
        {
            using HugePages reserved = Reserve(4);
            return int.Parse(File.ReadAllText(Setting), CultureInfo.InvariantCulture) >= 4
                ? null
                : "The kernel has no huge pages left: MEMORY IN HUGE PAGES IS NOT TESTED";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{Setting} cannot be written: MEMORY IN HUGE PAGES IS NOT TESTED";
        }
    }

    public void Dispose() => File.WriteAllText(Setting, before);
}
