using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// The kernel's side of direct writes that are handed over (io_setup(2), io_submit(2)): so many slots, each with one write that is prepared,
/// handed over, and taken in when it has ended. Not io_uring, because ext4 hands writes that allocate to a pool of threads there, and
/// containers forbid it. One thread at a time; what is lent to a write stays lent until it has ended.
/// </summary>
internal sealed unsafe class WriteContext : SafeHandle
{
    private readonly int depth;
    private readonly ControlBlock* blocks;
    private readonly ControlBlock** pointers;
    private readonly IoVector* vectors;
    private readonly IoEvent* events;
    private readonly FileHandle?[] lent;

    private WriteContext(nint context, int depth)
        : base(-1, ownsHandle: true)
    {
        this.depth = depth;
        blocks = (ControlBlock*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(ControlBlock));
        pointers = (ControlBlock**)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(ControlBlock*));
        vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)(depth * IOverlappedWrites.MaxPieces), (nuint)sizeof(IoVector));
        events = (IoEvent*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(IoEvent));
        lent = new FileHandle?[depth];
        SetHandle(context);
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>
    /// The kernel and the sandbox know such writes. Asked with a context for nothing, which is refused as such (EINVAL), because one that is made
    /// takes 30 ms to be destroyed (measured).
    /// </summary>
    public static bool IsAllowed
    {
        get
        {
            nint context = 0;
            long result = (long)syscall(SYS_io_setup, 0, (void*)&context);
            int error = errno;
            return result < 0 && error == EINVAL;
        }
    }

    /// <summary>Room for so many writes; null where the kernel or a sandbox gives none.</summary>
    public static WriteContext? Open(int depth)
    {
        nint context = 0;
        return (long)syscall(SYS_io_setup, depth, (void*)&context) == 0 ? new WriteContext(context, depth) : null;
    }

    /// <summary>Fills a free slot; false where it cannot be written directly: through the page cache nothing is asynchronous.</summary>
    /// <param name="slot">Which; comes back with the result.</param>
    /// <param name="output">Where to.</param>
    /// <param name="pieces">What, one behind the other in the file; at most <see cref="IOverlappedWrites.MaxPieces"/>.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="announcer">Told when it has ended (eventfd(2)); null for nobody.</param>
    public bool Prepare(int slot, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset, FileHandle? announcer)
    {
        if (output is not LinuxOutputFile { Io: OutputIo.Direct } file)
            return false;
        IoVector* vector = vectors + (slot * IOverlappedWrites.MaxPieces);
        for (int i = 0; i < pieces.Length; i++)
            vector[i] = new IoVector { Base = (void*)pieces[i].Address, Length = (nuint)pieces[i].Length };
        // Its number must not be given to another file meanwhile.
        bool isLent = false;
        file.Handle.DangerousAddRef(ref isLent);
        lent[slot] = file.Handle;
        blocks[slot] = new ControlBlock
        {
            Data = (ulong)slot,
            Opcode = (ushort)IOCB_CMD_PWRITEV,
            Fd = (uint)file.Handle.DangerousGetHandle(),
            Buffer = (ulong)vector,
            Length = (ulong)pieces.Length,
            Offset = offset,
            QueueFlags = announcer is null ? 0u : IOCB_FLAG_RESFD,
            EventFd = announcer is null ? 0u : (uint)announcer.DangerousGetHandle(),
        };
        pointers[slot] = blocks + slot;
        return true;
    }

    /// <summary>
    /// Hands prepared slots over, in one call where the kernel takes them so. Returns how many it took; the slots of the others are free again.
    /// </summary>
    public int Submit(int first, int count)
    {
        int submitted = 0;
        while (submitted < count)
        {
            long taken = (long)syscall(SYS_io_submit, (void*)handle, count - submitted, (void*)(pointers + first + submitted));
            int error = errno;
            if (taken < 0 && error == EINTR)
                continue;
            if (taken <= 0)
                break;
            submitted += (int)taken;
        }

        for (int i = submitted; i < count; i++)
            GiveBack(first + i);
        return submitted;
    }

    /// <summary>Takes in what has ended, in any order; returns how many.</summary>
    /// <param name="ended">Gets them; as long as there are slots. Their tags are the slots.</param>
    /// <param name="least">Sleep until there are so many; 0 not to sleep. No more than are under way.</param>
    public int Collect(Span<EndedWrite> ended, int least)
    {
        Tmds.Linux.timespec now = default;
        while (true)
        {
            long count = (long)syscall(SYS_io_getevents, (void*)handle, least, depth, (void*)events, least > 0 ? null : (void*)&now);
            int error = errno;
            if (count < 0 && error == EINTR)
                continue;
            if (count < 0)
                throw new InvalidOperationException($"io_getevents failed with {new Errno(error).Name}.");
            for (int i = 0; i < count; i++)
            {
                int slot = (int)events[i].Data;
                long result = events[i].Result;
                GiveBack(slot);
                ended[i] = new EndedWrite(slot, result < 0 ? IoResult.Failed((int)-result) : IoResult.Ok(result));
            }

            return (int)count;
        }
    }

    // io_destroy(2) waits for what is still under way.
    protected override bool ReleaseHandle()
    {
        bool isDestroyed = (long)syscall(SYS_io_destroy, (void*)handle) == 0;
        for (int i = 0; i < depth; i++)
            GiveBack(i);
        NativeMemory.Free(blocks);
        NativeMemory.Free(pointers);
        NativeMemory.Free(vectors);
        NativeMemory.Free(events);
        return isDestroyed;
    }

    private void GiveBack(int slot)
    {
        lent[slot]?.DangerousRelease();
        lent[slot] = null;
    }
}
