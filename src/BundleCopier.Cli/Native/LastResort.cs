using System.Runtime.InteropServices;

namespace BundleCopier.Cli.Native;

/// <summary>
/// The native program ends with an exit code of ours where the runtime would abort for want of threads
/// (last_resort.c).
/// </summary>
internal static partial class LastResort
{
    // The managed program does not have the function. Its host names the assemblies that it may load. RuntimeFeature
    // does not tell: the switches of a project with PublishAot hold for its managed program, too.
    private static bool IsNative => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null;

    /// <summary>The exit code of a program that cannot go on: whether the bundle is there.</summary>
    public static int ExitCodeNow { get; private set; } = ExitCode.Failed;

    /// <summary>The bundle is committed: whatever happens from now on, the program ends with this code.</summary>
    public static void Committed(int exitCode)
    {
        ExitCodeNow = exitCode;
        if (IsNative)
            TellCommitted(exitCode);
    }

    /// <summary>
    /// Catches the signals of a copy without a thread, from now on to the end of the program. False in the managed
    /// program, which cannot.
    /// </summary>
    public static bool TryCatchSignals()
    {
        if (IsNative)
            CatchSignals();
        return IsNative;
    }

    /// <summary>After <see cref="TryCatchSignals"/>: the first signal that asks to stop; 0 for none.</summary>
    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_first_signal")]
    public static partial int FirstSignal();

    /// <summary>
    /// After <see cref="TryCatchSignals"/>: not 0 when a signal has asked since the last call what the copy does.
    /// </summary>
    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_take_question")]
    public static partial int TakeQuestion();

    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_catch_signals")]
    private static partial void CatchSignals();

    [LibraryImport("bundlecopy-last-resort", EntryPoint = "bundlecopy_committed")]
    private static partial void TellCommitted(int exitCode);
}
