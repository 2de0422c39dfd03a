using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Sets kernel.core_pattern of the machine, and puts back what was there: on Dispose, when the test process ends, and
/// at the next use after a test process was killed. One process at a time has it.
/// </summary>
internal sealed class CorePattern : IDisposable
{
    public const string FilePath = "/proc/sys/kernel/core_pattern";

    // Not in a test's own directory, which goes with the test: it must be found after a kill.
    private const string SavedPath = "/var/tmp/bundlecopy-test-core_pattern";
    private const string LockPath = SavedPath + ".lock";

    private readonly FileStream exclusive;
    private readonly EventHandler atExit;

    /// <param name="pattern">The new pattern, at most 127 bytes.</param>
    public CorePattern(string pattern)
    {
        Assert.InRange(Encoding.UTF8.GetByteCount(pattern), 1, 127);
        exclusive = AwaitLock();
        Restore();
        File.WriteAllText(SavedPath, File.ReadAllText(FilePath));
        atExit = (_, _) => Restore();
        AppDomain.CurrentDomain.ProcessExit += atExit;
        File.WriteAllText(FilePath, pattern);
    }

    /// <summary>Why it cannot be set here; null where it can.</summary>
    public static string? Lack()
    {
        try
        {
            using FileStream file = new(FilePath, FileMode.Open, FileAccess.Write);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{FilePath} cannot be written: REAL CRASHES ARE NOT TESTED ({error.Message})";
        }
    }

    public void Dispose()
    {
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= atExit;
        exclusive.Dispose();
    }

    private static void Restore()
    {
        if (!File.Exists(SavedPath))
            return;
        File.WriteAllText(FilePath, File.ReadAllText(SavedPath));
        File.Delete(SavedPath);
    }

    private static FileStream AwaitLock()
    {
        FileStream? taken = null;
        bool isTaken = SpinWait.SpinUntil(() => (taken = TryLock()) is not null, Child.Patience);
        Assert.True(isTaken, "Another test process has core_pattern.");
        return taken!;
    }

    private static FileStream? TryLock()
    {
        try
        {
            return new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
