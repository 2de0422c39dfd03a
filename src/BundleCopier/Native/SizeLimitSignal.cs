using static BundleCopier.Native.LibcExtra;

namespace BundleCopier.Native;

/// <summary>
/// SIGXFSZ. The kernel sends it to the thread whose write or truncate goes beyond RLIMIT_FSIZE, and it ends the process
/// (setrlimit(2)). On a thread that blocks it, the call only fails with EFBIG. An application that embeds the engine
/// may need the signal on its own threads, so the process does not ignore it.
/// </summary>
internal static class SizeLimitSignal
{
    private const int Number = 25; // SIGXFSZ in signal(7), on x64 and arm64
    private const int Block = 0; // SIG_BLOCK
    private const int SetWords = 16; // sigset_t has 1024 bits

    /// <summary>Blocks the signal on the calling thread.</summary>
    public static unsafe IoResult BlockOnThisThread()
    {
        ulong* set = stackalloc ulong[SetWords];
        new Span<ulong>(set, SetWords).Clear();
        set[0] = 1UL << (Number - 1);
        int error = pthread_sigmask(Block, set, null);
        return error == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
