using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Shared memory that fills a machine up to what shall be left. It is a file without a name, so the kernel takes it
/// back with the last process that has it open, however that ends.
/// </summary>
internal sealed class Ballast : IDisposable
{
    private const long MiB = 1 << 20;
    private const long LargestStepBytes = 256 * MiB;
    private const long SmallestStepBytes = 2 * MiB;

    private readonly SafeFileHandle file = Kernel.NamelessMemory("bundlecopy-test-ballast");

    /// <summary>
    /// Takes memory, less with each step, until no more than that is available; gives everything back where it came
    /// to less than the floor.
    /// </summary>
    public Ballast(long leaveBytes, long floorBytes)
    {
        try
        {
            for (long spare; (spare = Available - leaveBytes) > 0;)
            {
                // Half of what is left, because a step may also take what somebody else is just about to need.
                long step = Math.Clamp(spare / 2, SmallestStepBytes, LargestStepBytes);
                Kernel.Allocate(file, SizeBytes, step);
                SizeBytes += step;
                if (Available < floorBytes)
                    throw new IOException(
                        $"{Available / MiB} MiB are available after {SizeBytes / MiB} MiB were taken: somebody else takes memory too.");
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
