using System.Runtime.CompilerServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Wakes one thread that sleeps until there is something for it to do (futex(2)). A signal that comes before the wait
/// is not lost, several are one. It costs a system call to sleep and one to wake a sleeper, and none else; a
/// monitor's pulse costs three times as many, because who is woken must then wait for the lock of the one who woke
/// it.
/// </summary>
internal sealed unsafe class ThreadSignal
{
    private const int None = 0;
    private const int Given = 1;
    private const int Asleep = 2;
    private const int Listening = 3;

    // On the pinned heap, so that the kernel may be told the address; a cache line of its own.
    private readonly int[] state = GC.AllocateArray<int>(16, pinned: true);
    private FileHandle? descriptor;

    /// <summary>Wakes the thread, or lets its next wait pass. From any thread.</summary>
    public void Give()
    {
        int found = Interlocked.Exchange(ref state[0], Given);
        if (found == Asleep)
            _ = syscall(SYS_futex, Address, FUTEX_WAKE_PRIVATE, 1);
        else if (found == Listening)
            Announce();
    }

    /// <summary>
    /// Sleeps until a signal has been given since the last wait, or, once it listens, until the kernel has announced
    /// something. Only one thread waits.
    /// </summary>
    public void Wait()
    {
        if (descriptor is { } open)
            Listen(open);
        else
            Sleep();
    }

    /// <summary>
    /// A descriptor (eventfd(2)) by which the kernel wakes the thread as well: from now on a wait ends for either.
    /// Asked for by the thread that waits; it stays the signal's. Null where there is no descriptor left.
    /// </summary>
    public FileHandle? Listen()
    {
        if (descriptor is not null)
            return descriptor;
        int fd = eventfd(0, EFD_CLOEXEC);
        return fd < 0 ? null : descriptor = new FileHandle(fd);
    }

    /// <summary>
    /// Gives the descriptor back, when nobody waits and nothing is announced by it any more; the next <see
    /// cref="Listen()"/> makes another.
    /// </summary>
    public void StopListening()
    {
        descriptor?.Dispose();
        descriptor = null;
    }

    private void Sleep()
    {
        while (Interlocked.CompareExchange(ref state[0], None, Given) != Given)
        {
            // Whatever ends the sleep (a signal, EINTR, EAGAIN where the state has changed), the state tells what to
            // do.
            if (Interlocked.CompareExchange(ref state[0], Asleep, None) != Given)
                _ = syscall(SYS_futex, Address, FUTEX_WAIT_PRIVATE, Asleep, (void*)null);
        }
    }

    // Once: a wait that ends too early costs its caller a look, and what the kernel has announced cannot be seen in
    // the state.
    private void Listen(FileHandle open)
    {
        if (Interlocked.CompareExchange(ref state[0], Listening, None) != Given)
        {
            ulong count;
            using FileHandle.Loan loan = open.Borrow();
            _ = read(loan.Fd, &count, sizeof(ulong));
        }

        // A barrier as well: what its giver has left for the thread before is seen after this, or the signal is still
        // to come.
        Interlocked.Exchange(ref state[0], None);
    }

    private void Announce()
    {
        ulong one = 1;
        using FileHandle.Loan loan = descriptor!.Borrow();
        _ = write(loan.Fd, &one, sizeof(ulong));
    }

    private int* Address => (int*)Unsafe.AsPointer(ref state[0]);
}
