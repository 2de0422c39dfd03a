using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BundleCopier.Cli.Native;

/// <summary>
/// The native program ends with an exit code of ours where the runtime would abort for want of threads
/// (last_resort.c).
/// </summary>
internal static partial class LastResort
{
    /// <summary>The bundle is committed: whatever happens from now on, the program ends with this code.</summary>
    public static void Committed(int exitCode)
    {
        // The managed program does not have the function.
        if (!RuntimeFeature.IsDynamicCodeSupported)
            TellCommitted(exitCode);
    }

    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_committed")]
    private static partial void TellCommitted(int exitCode);
}
