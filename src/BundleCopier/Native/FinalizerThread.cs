using System.Runtime.CompilerServices;

namespace BundleCopier.Native;

/// <summary>
/// Runs code on the thread of the runtime that runs finalizers. The runtime starts it before the program's first line,
/// so it does not inherit what the first thread does to itself.
/// </summary>
internal static class FinalizerThread
{
    /// <summary>Runs the action there, and waits for it.</summary>
    /// <param name="action">Must not throw: that would end the process.</param>
    public static void Run(Action action)
    {
        Leave(action);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    // A frame of its own, so that nothing refers to the object when it returns.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave(Action action) => _ = new Errand(action);

    private sealed class Errand(Action action)
    {
        ~Errand() => action();
    }
}
