using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Shared memory that fills the machine until a given size is left. It is a file without a name, so the kernel frees
/// it when the last process that has it open ends, also if that process is killed.
/// </summary>
internal sealed class Ballast : IDisposable
{
    private const long MiB = 1 << 20;
    private const long LargestStepBytes = 256 * MiB;
    private const long SmallestStepBytes = 2 * MiB;

    private readonly SafeFileHandle file = Kernel.NamelessMemory("bundlecopy-test-ballast");

    /// <summary>
    /// Takes memory in ever smaller steps until <paramref name="leaveBytes"/> are available. Gives everything back and
    /// throws where less than <paramref name="floorBytes"/> are left.
    /// </summary>
    public Ballast(long leaveBytes, long floorBytes)
    {
        try
        {
            for (long spare; (spare = Available - leaveBytes) > 0;)
            {
                // Only half of the rest: another process may need memory at the same time.
                long step = Math.Clamp(spare / 2, SmallestStepBytes, LargestStepBytes);
                Kernel.Allocate(file, SizeBytes, step);
                SizeBytes += step;
                if (Available < floorBytes)
                    throw new IOException(
                        $"{Available / MiB} MiB are available after {SizeBytes / MiB} MiB were taken: "
                        + "another process takes memory too.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public long SizeBytes { get; private set; }

    public static long Available => Machine.MemInfoBytes("MemAvailable");

    public void Dispose() => file.Dispose();
}
