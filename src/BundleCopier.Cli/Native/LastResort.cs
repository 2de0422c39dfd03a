using System.Runtime.InteropServices;

namespace BundleCopier.Cli.Native;

/// <summary>
/// The native program ends with an exit code of ours where the runtime would abort for want of threads
/// (last_resort.c).
/// </summary>
internal static partial class LastResort
{
    /// <summary>True in the native program.</summary>
    // The host of a managed program names the assemblies that it may load. RuntimeFeature does not tell: the switches
    // of a project with PublishAot hold for its managed program, too.
    public static bool IsNative => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null;

    /// <summary>The exit code of a program that cannot go on: whether the bundle is there.</summary>
    public static int ExitCodeNow { get; private set; } = ExitCode.Failed;

    /// <summary>The bundle is committed: whatever happens from now on, the program ends with this code.</summary>
    public static void Committed(int exitCode)
    {
        ExitCodeNow = exitCode;
        if (IsNative)
            TellCommitted(exitCode);
    }

    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_committed")]
    private static partial void TellCommitted(int exitCode);
}
