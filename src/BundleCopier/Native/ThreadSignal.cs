using System.Runtime.CompilerServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Wakes one thread that sleeps until there is something for it to do (futex(2)). A signal that comes before the wait is not lost, several
/// are one. It costs a system call to sleep and one to wake a sleeper, and none else; a monitor's pulse costs three times as many,
/// because who is woken must then wait for the lock of the one who woke it.
/// </summary>
internal sealed unsafe class ThreadSignal
{
    private const int None = 0;
    private const int Given = 1;
    private const int Asleep = 2;

    // On the pinned heap, so that the kernel may be told the address; a cache line of its own.
    private readonly int[] state = GC.AllocateArray<int>(16, pinned: true);

    /// <summary>Wakes the thread, or lets its next wait pass. From any thread.</summary>
    public void Give()
    {
        if (Interlocked.Exchange(ref state[0], Given) == Asleep)
            _ = syscall(SYS_futex, Address, FUTEX_WAKE_PRIVATE, 1);
    }

    /// <summary>Sleeps until a signal has been given since the last wait. Only one thread waits.</summary>
    public void Wait()
    {
        while (Interlocked.CompareExchange(ref state[0], None, Given) != Given)
        {
            // Whatever ends the sleep (a signal, EINTR, EAGAIN where the state has changed), the state tells what to do.
            if (Interlocked.CompareExchange(ref state[0], Asleep, None) != Given)
                _ = syscall(SYS_futex, Address, FUTEX_WAIT_PRIVATE, Asleep, (void*)null);
        }
    }

    private int* Address => (int*)Unsafe.AsPointer(ref state[0]);
}
