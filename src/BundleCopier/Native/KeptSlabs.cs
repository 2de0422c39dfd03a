using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Memory for slabs that was taken, and brought in page by page, before it is needed: when a crash comes, there may be
/// none left. One copy at a time borrows it.
/// </summary>
internal sealed unsafe class KeptSlabs : IDisposable
{
    private readonly ISlabMemory memory;
    private int users; // the owner's hold counts 1, and the borrower's 1

    public KeptSlabs(ISlabMemory memory)
    {
        this.memory = memory;
        // Writing is what makes the kernel give each page.
        NativeMemory.Clear((void*)memory.Address, (nuint)memory.SizeBytes);
        users = 1;
    }

    /// <summary>The memory, so that it can be locked.</summary>
    public ISlabMemory Memory => memory;

    /// <summary>
    /// Lends memory of a size; null where it is lent already, or where there is less. Disposing gives it back.
    /// </summary>
    public ISlabMemory? TryLend(long sizeBytes) =>
        sizeBytes <= memory.SizeBytes && Interlocked.CompareExchange(ref users, 2, 1) == 1
            ? new Loan(this, sizeBytes)
            : null;

    /// <summary>Frees it as soon as no copy uses it.</summary>
    public void Dispose() => Release();

    private void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
            memory.Dispose();
    }

    private sealed class Loan(KeptSlabs owner, long sizeBytes) : ISlabMemory
    {
        private int isReturned;

        public nint Address => owner.memory.Address;

        public long SizeBytes => sizeBytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isReturned, 1) != 0)
                return;
            // The next copy expects zeros, and nothing of this crash stays in the idle server.
            NativeMemory.Clear((void*)Address, (nuint)sizeBytes);
            owner.Release();
        }
    }
}
