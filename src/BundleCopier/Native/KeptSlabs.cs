using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Memory for slabs that was taken, and brought in page by page, before it is needed: when a crash comes, there may be
/// none left. It has places of one size, and each copy borrows one of them. Safe on any thread.
/// </summary>
internal sealed unsafe class KeptSlabs : IDisposable
{
    private readonly Lock gate = new();
    private readonly ISlabMemory memory;
    private readonly bool[] isLent;
    private bool isOver;

    /// <param name="memory">The memory of all places.</param>
    /// <param name="places">Their number.</param>
    public KeptSlabs(ISlabMemory memory, int places = 1)
    {
        this.memory = memory;
        isLent = new bool[places];
        // Writing is what makes the kernel give each page.
        NativeMemory.Clear((void*)memory.Address, (nuint)memory.SizeBytes);
    }

    /// <summary>The memory, so that it can be locked.</summary>
    public ISlabMemory Memory => memory;

    private long PlaceBytes => memory.SizeBytes / isLent.Length;

    /// <summary>
    /// Lends memory of a size; null where all places are lent already, or are smaller. Disposing gives it back.
    /// </summary>
    public ISlabMemory? TryLend(long sizeBytes)
    {
        lock (gate)
        {
            int place = sizeBytes <= PlaceBytes && !isOver ? Array.IndexOf(isLent, false) : -1;
            if (place < 0)
                return null;
            isLent[place] = true;
            return new Loan(this, place, sizeBytes);
        }
    }

    /// <summary>Frees it as soon as no copy uses it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isOver)
                return;
            isOver = true;
            FreeIfUnused();
        }
    }

    private void Return(int place)
    {
        lock (gate)
        {
            isLent[place] = false;
            FreeIfUnused();
        }
    }

    private void FreeIfUnused()
    {
        if (isOver && !isLent.Contains(true))
            memory.Dispose();
    }

    private sealed class Loan(KeptSlabs owner, int place, long sizeBytes) : ISlabMemory
    {
        private int isReturned;

        public nint Address => owner.memory.Address + (nint)(place * owner.PlaceBytes);

        public long SizeBytes => sizeBytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isReturned, 1) != 0)
                return;
            // The next copy expects zeros, and nothing of this crash stays in the idle process.
            NativeMemory.Clear((void*)Address, (nuint)sizeBytes);
            owner.Return(place);
        }
    }
}
