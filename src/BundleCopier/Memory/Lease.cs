using System.Diagnostics.CodeAnalysis;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Memory;

/// <summary>Who may touch what a lease stands for.</summary>
internal enum LeaseHolder
{
    Pool,
    Supervisor,
    Reader,
    Compressor,
    Writer,
}

/// <summary>
/// One segment's share of the budget: a slab of memory, or a mapped window of the same size in its place, and what is
/// known of the segment that travels in it. It has one holder at a time: who holds it may change it, and hands it over by
/// sending it on. Handing over what one does not hold is a bug and throws, in every build.
/// </summary>
internal sealed class Lease
{
    private int holder = (int)LeaseHolder.Pool;

    internal Lease(int index, nint address, int sizeBytes = SegmentGrid.SegmentBytes)
    {
        Index = index;
        Address = address;
        SizeBytes = sizeBytes;
        Runs = new RunList(sizeBytes / Alignment.Bytes);
    }

    public int Index { get; }

    /// <summary>The slab, aligned to <see cref="Alignment.Bytes"/>.</summary>
    public nint Address { get; }

    /// <summary>How large the slab is: <see cref="SegmentGrid.SegmentBytes"/>, or less where it is part of another's.</summary>
    public int SizeBytes { get; }

    /// <summary>The lease whose slab this one is a part of; null for one that is lent by itself.</summary>
    public Lease? Whole { get; private init; }

    /// <summary>Parts of the slab that are lent, each with a holder of its own.</summary>
    public int PartsOut { get; private set; }

    public LeaseHolder Holder => (LeaseHolder)Volatile.Read(ref holder);

    /// <summary>The mapped source when the segment travels by map; the slab holds nothing then.</summary>
    public IMappedWindow? Window { get; private set; }

    /// <summary>
    /// The window was taken for written, and nobody has asked. Whoever hands it to the kernel asks right before that (<see cref="HoldsData"/>): who asks early finds each
    /// page out of the cache again when the kernel gets to it (0.04 s of CPU a GiB, measured).
    /// </summary>
    public bool IsTakenForWritten { get; set; }

    /// <summary>What the kernel would read is data, and no hole that it would make memory of; false also where it does not tell.</summary>
    public bool HoldsData() => !IsTakenForWritten || Window!.IsWritten();

    /// <summary>What is to be written, as ranges inside the segment.</summary>
    public RunList Runs { get; }

    /// <summary>The hash of the segment's bytes that are not zero; null when nobody has read them.</summary>
    public ulong? Digest { get; set; }

    /// <summary>The slab as bytes.</summary>
    public unsafe Span<byte> Slab => new((void*)Address, SizeBytes);

    /// <summary>Where the bytes of the segment's start are, in the window or in the slab.</summary>
    public nint Payload => Window?.Address ?? Address;

    /// <summary>Lends a part of the slab to a small segment. The whole stays with the supervisor, which gives nobody else these bytes.</summary>
    public Lease LendPart(int offset, int sizeBytes)
    {
        if (Holder != LeaseHolder.Supervisor)
            ThrowNotHeld(LeaseHolder.Supervisor, Holder);
        Lease part = new(Index, Address + offset, sizeBytes) { Whole = this, holder = (int)LeaseHolder.Supervisor };
        PartsOut++;
        return part;
    }

    /// <summary>Takes a part back.</summary>
    public void EndPart(Lease part)
    {
        part.HandOver(LeaseHolder.Supervisor, LeaseHolder.Pool);
        part.Empty();
        PartsOut--;
    }

    public void HandOver(LeaseHolder from, LeaseHolder to)
    {
        int found = Interlocked.CompareExchange(ref holder, (int)to, (int)from);
        if (found != (int)from)
            ThrowNotHeld(from, (LeaseHolder)found);
    }

    /// <summary>Takes the lease from an actor that is known to have stopped, whatever it was doing.</summary>
    public void Reclaim()
    {
        if (Holder == LeaseHolder.Pool)
            ThrowNotHeld(LeaseHolder.Supervisor, LeaseHolder.Pool);
        Volatile.Write(ref holder, (int)LeaseHolder.Supervisor);
        PartsOut = 0;
        Empty();
    }

    public void Attach(IMappedWindow window)
    {
        if (Window is not null)
            throw new InvalidOperationException($"Lease {Index} already has a window.");
        Window = window;
    }

    /// <summary>Unmaps the window, if there is one.</summary>
    public void Detach()
    {
        Window?.Dispose();
        Window = null;
        IsTakenForWritten = false;
    }

    /// <summary>Forgets the segment: nothing mapped, nothing to write.</summary>
    public void Empty()
    {
        Detach();
        Runs.Clear();
        Digest = null;
    }

    [DoesNotReturn]
    private void ThrowNotHeld(LeaseHolder wanted, LeaseHolder found) =>
        throw new InvalidOperationException($"Lease {Index} is held by {found}, not by {wanted}.");
}
