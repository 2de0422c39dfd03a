using System.Globalization;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Locks this process's memory. MCL_CURRENT with MCL_ONFAULT (Linux 4.4) locks the pages that are in memory, and
/// later those that are first used in today's mappings. It loads no pages, because the garbage collector maps
/// hundreds of gigabytes that it never uses. MCL_FUTURE is not set: it would also lock the windows onto sources in
/// shared memory, and would make mmap(2) calls of the runtime fail at the limit. Afterwards the slabs and the
/// program's code are loaded explicitly.
/// </summary>
internal static unsafe class MemoryLock
{
    private const string MapsPath = "/proc/self/maps"; // proc_pid_maps(5)

    /// <summary>Locks the memory.</summary>
    /// <param name="slabs">The slabs, which are loaded.</param>
    /// <param name="loadsCode">Whether the program's code is loaded as well.</param>
    public static IoResult Run(ISlabMemory slabs, bool loadsCode = true)
    {
        int result = mlockall(MCL_CURRENT | MCL_ONFAULT);
        int error = errno;
        if (result != 0)
            return IoResult.Failed(error);
        IoResult loaded = Load(slabs.Address, slabs.SizeBytes);
        if (!loadsCode)
            return loaded;
        if (!File.Exists(MapsPath))
            return IoResult.Failed(KernelErrors.NoProc);
        foreach ((nint start, long length) in CodeMappings([.. File.ReadLines(MapsPath)]))
            loaded = loaded.IsOk ? Load(start, length) : loaded;
        return loaded;
    }

    /// <summary>
    /// The readable mappings of all files that have an executable mapping: the program with its tables and constants,
    /// and the libraries. Other mapped files may be large, and belong to the host.
    /// </summary>
    /// <param name="maps">The lines of proc_pid_maps(5): address range, rights, offset, device, inode, path.</param>
    public static List<(nint Start, long Length)> CodeMappings(IReadOnlyList<string> maps)
    {
        string[][] files = [.. maps
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 6 && parts[5].StartsWith('/') && parts[1].EndsWith('p'))];
        HashSet<string> code = [.. files.Where(parts => parts[1].Contains('x')).Select(parts => parts[5])];
        return [.. files
            .Where(parts => parts[1].StartsWith('r') && code.Contains(parts[5]))
            .Select(parts => Range(parts[0]))];
    }

    private static (nint Start, long Length) Range(string addresses)
    {
        int dash = addresses.IndexOf('-');
        long start = long.Parse(addresses.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        long end = long.Parse(addresses.AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return ((nint)start, end - start);
    }

    // mlock(2) loads the pages that it locks.
    private static IoResult Load(nint start, long length)
    {
        int result = mlock((void*)start, (Tmds.Linux.size_t)(ulong)length);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
