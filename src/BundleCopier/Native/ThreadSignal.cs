using System.Runtime.CompilerServices;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Wakes one sleeping thread (futex(2)). A signal before the wait is not lost, and several signals count as one. It
/// costs one system call to sleep and one to wake a sleeping thread. Monitor.Pulse costs three times as many, because
/// the woken thread must then wait for the lock of the thread that woke it.
/// </summary>
internal sealed unsafe class ThreadSignal
{
    private const int None = 0;
    private const int Given = 1;
    private const int Asleep = 2;
    private const int Listening = 3;

    // Pinned, because the kernel gets the address; as long as a cache line, so that no other data shares the line.
    private readonly int[] state = GC.AllocateArray<int>(16, pinned: true);
    private FileHandle? descriptor;

    /// <summary>Wakes the thread, or ends its next wait at once. Any thread may call it.</summary>
    public void Give()
    {
        int found = Interlocked.Exchange(ref state[0], Given);
        if (found == Asleep)
            _ = syscall(SYS_futex, Address, FUTEX_WAKE_PRIVATE, 1);
        else if (found == Listening)
            WriteDescriptor();
    }

    /// <summary>
    /// Sleeps until a signal was given since the last wait. After <see cref="Listen()"/>, also until the kernel has
    /// written to the descriptor. Only one thread waits.
    /// </summary>
    public void Wait()
    {
        if (descriptor is { } open)
            Listen(open);
        else
            Sleep();
    }

    /// <summary>
    /// Makes a descriptor (eventfd(2)) by which the kernel can wake the thread, too. The waiting thread calls it; the
    /// signal owns the descriptor. Null when no descriptor is left.
    /// </summary>
    public FileHandle? Listen()
    {
        if (descriptor is not null)
            return descriptor;
        int fd = eventfd(0, EFD_CLOEXEC);
        return fd < 0 ? null : descriptor = new FileHandle(fd);
    }

    /// <summary>
    /// Closes the descriptor. Call it only when no thread waits and the kernel no longer writes to it. The next
    /// <see cref="Listen()"/> makes another one.
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
            // The sleep can end for several reasons (a signal, EINTR, EAGAIN); the state says whether to go on waiting.
            if (Interlocked.CompareExchange(ref state[0], Asleep, None) != Given)
                _ = syscall(SYS_futex, Address, FUTEX_WAIT_PRIVATE, Asleep, (void*)null);
        }
    }

    // No loop: the state does not show what the kernel has written. A wait that ends too early only makes the caller
    // check once more.
    private void Listen(FileHandle open)
    {
        if (Interlocked.CompareExchange(ref state[0], Listening, None) != Given)
        {
            ulong count;
            using FileHandle.Loan loan = open.Borrow();
            _ = read(loan.Fd, &count, sizeof(ulong));
        }

        // Also a memory barrier: after it, this thread sees all that other threads wrote before they gave the signal.
        Interlocked.Exchange(ref state[0], None);
    }

    private void WriteDescriptor()
    {
        ulong one = 1;
        using FileHandle.Loan loan = descriptor!.Borrow();
        _ = write(loan.Fd, &one, sizeof(ulong));
    }

    private int* Address => (int*)Unsafe.AsPointer(ref state[0]);
}
