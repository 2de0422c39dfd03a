using System.Diagnostics.CodeAnalysis;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Memory;

/// <summary>The part of the engine that holds a lease; only the holder may use its memory.</summary>
internal enum LeaseHolder
{
    Pool,
    Supervisor,
    Reader,
    Compressor,
    Writer,
}

/// <summary>
/// One segment's share of the budget: a slab of memory, or a mapped window of the same size instead of it, and what
/// is known about the segment in it. A lease has one holder at a time. Only the holder may change it, and passes it
/// on in a message. Handing over a lease from another holder is a bug, and throws in every build.
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

    /// <summary>
    /// The slab's size: <see cref="SegmentGrid.SegmentBytes"/>, or less for a part of another lease.
    /// </summary>
    public int SizeBytes { get; }

    /// <summary>The lease that this one is a part of; null for a lease with a slab of its own.</summary>
    public Lease? Whole { get; private init; }

    /// <summary>The number of parts that are lent. Each part has its own holder.</summary>
    public int PartsOut { get; private set; }

    public LeaseHolder Holder => (LeaseHolder)Volatile.Read(ref holder);

    /// <summary>
    /// The mapped source, for a segment that is read by mapping; the slab is unused then. Otherwise null.
    /// </summary>
    public IMappedWindow? Window { get; private set; }

    /// <summary>
    /// The window was assumed to contain only written pages, without asking the kernel. <see cref="HoldsData"/> asks
    /// right before the write: asking earlier costs 0.04 s of CPU per GiB, because each page has left the processor's
    /// cache again when the kernel reads it (measured).
    /// </summary>
    public bool IsTakenForWritten { get; set; }

    /// <summary>
    /// True when the window has no hole: the kernel allocates memory for each hole that it reads through a mapping.
    /// False also where the kernel does not tell.
    /// </summary>
    public bool HoldsData() => !IsTakenForWritten || Window!.IsWritten();

    /// <summary>The ranges of the segment that must be written.</summary>
    public RunList Runs { get; }

    /// <summary>The hash of the segment's bytes that are not zero; null until they have been read.</summary>
    public ulong? Digest { get; set; }

    /// <summary>The slab as bytes.</summary>
    public unsafe Span<byte> Slab => new((void*)Address, SizeBytes);

    /// <summary>The address of the segment's first byte, in the window or in the slab.</summary>
    public nint Payload => Window?.Address ?? Address;

    /// <summary>A call that hangs keeps the slab: it is never lent again.</summary>
    public bool IsLost { get; private set; }

    /// <summary>It has no slab, and stands for one that is lost.</summary>
    public bool IsGhost => SizeBytes == 0;

    /// <summary>
    /// Leaves the slab to a call that hangs. The lease that is returned takes its place, without a slab.
    /// </summary>
    public Lease Lose()
    {
        IsLost = true;
        return new Lease(Index, 0, sizeBytes: 0) { holder = (int)Holder };
    }

    /// <summary>
    /// Lends a part of the slab to a small segment. The supervisor keeps the whole lease and must not lend these
    /// bytes twice.
    /// </summary>
    public Lease LendPart(int offset, int sizeBytes)
    {
        if (Holder != LeaseHolder.Supervisor)
            ThrowNotHeld(LeaseHolder.Supervisor, Holder);
        Lease part = new(Index, Address + offset, sizeBytes) { Whole = this, holder = (int)LeaseHolder.Supervisor };
        PartsOut++;
        return part;
    }

    /// <summary>Takes back a part.</summary>
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

    /// <summary>Takes the lease back from an actor that has certainly stopped.</summary>
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

    /// <summary>Clears everything about the segment, and unmaps the window.</summary>
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
