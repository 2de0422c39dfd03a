namespace BundleCopier.Native;

/// <summary>The mode bits that the kernel takes from new files of this process (umask(2)).</summary>
internal static class Umask
{
    private const int OwnerBits = 0x1C0; // 0700

    /// <summary>
    /// True when the umask takes rights from the owner, or is not known. It is read from proc_pid_status(5) each time,
    /// because an embedding program may change it; umask(2) could only tell by changing it for all threads.
    /// </summary>
    public static bool TakesFromOwner()
    {
        if (!InputFileOpener.ReadLines("/proc/self/status").Try(out IReadOnlyList<string>? lines, out _))
            return true;
        try
        {
            string? line = lines.FirstOrDefault(static line => line.StartsWith("Umask:", StringComparison.Ordinal));
            return line is null || (Convert.ToInt32(line["Umask:".Length..].Trim(), 8) & OwnerBits) != 0;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
