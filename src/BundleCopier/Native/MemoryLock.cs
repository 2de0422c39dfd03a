using System.Globalization;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Locks this process's memory. MCL_CURRENT with MCL_ONFAULT (Linux 4.4) locks what is there and what comes into what is mapped, without
/// bringing it in: the garbage collector maps hundreds of gigabytes that it will never touch. Not MCL_FUTURE: it would take hold of the
/// windows onto sources in shared memory, and fail calls of mmap in the runtime where the limit is reached. What a copy needs is brought in
/// by name instead.
/// </summary>
internal static unsafe class MemoryLock
{
    public static IoResult Run(ISlabMemory slabs)
    {
        int result = mlockall(MCL_CURRENT | MCL_ONFAULT);
        int error = errno;
        if (result != 0)
            return IoResult.Failed(error);
        IoResult brought = BringIn(slabs.Address, slabs.SizeBytes);
        foreach ((nint start, long length) in CodeMappings([.. File.ReadLines("/proc/self/maps")]))
            brought = brought.IsOk ? BringIn(start, length) : brought;
        return brought;
    }

    /// <summary>
    /// The readable mappings of all files that code is run from: the program's own, with its tables and constants, and its libraries'.
    /// Files that are only read may be of any size, and a host's business.
    /// </summary>
    /// <param name="maps">proc_pid_maps(5): address range, rights, offset, device, inode, path.</param>
    public static List<(nint Start, long Length)> CodeMappings(IReadOnlyList<string> maps)
    {
        string[][] files = [.. maps
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 6 && parts[5].StartsWith('/') && parts[1].EndsWith('p'))];
        HashSet<string> code = [.. files.Where(parts => parts[1].Contains('x')).Select(parts => parts[5])];
        return [.. files.Where(parts => parts[1].StartsWith('r') && code.Contains(parts[5])).Select(parts => Range(parts[0]))];
    }

    private static (nint Start, long Length) Range(string addresses)
    {
        int dash = addresses.IndexOf('-');
        long start = long.Parse(addresses.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        long end = long.Parse(addresses.AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return ((nint)start, end - start);
    }

    // mlock(2) reads in what is locked, on every kernel there is.
    private static IoResult BringIn(nint start, long length)
    {
        int result = mlock((void*)start, (Tmds.Linux.size_t)(ulong)length);
        int error = errno;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
