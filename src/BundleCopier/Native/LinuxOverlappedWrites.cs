using System.Runtime.InteropServices;
using BundleCopier.Receipt;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Direct writes by io_submit(2), a few at a time. pwrite(2) into a hole holds ext4's lock on the file until the disk has answered, so two threads
/// have one write in flight between them; here it is held while the write is handed over. One thread that copies 2 GiB by pread(2) makes
/// 1740 MiB a second with four writes of 1 MiB in flight, two threads with pwrite(2) 1080, and fio 1630 (docs/benchmarks/decisions.md).
/// </summary>
internal sealed unsafe class LinuxOverlappedWrites : SafeHandle, IOverlappedWrites
{
    private readonly int depth;
    private readonly FileHandle? announcer;
    private readonly ControlBlock* blocks;
    private readonly IoVector* vectors;
    private readonly IoEvent* events;
    private readonly FileHandle?[] lent;

    private LinuxOverlappedWrites(nint context, int depth, FileHandle? announcer)
        : base(-1, ownsHandle: true)
    {
        this.depth = depth;
        this.announcer = announcer;
        blocks = (ControlBlock*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(ControlBlock));
        vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)(depth * IOverlappedWrites.MostPieces), (nuint)sizeof(IoVector));
        events = (IoEvent*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(IoEvent));
        lent = new FileHandle?[depth];
        SetHandle(context);
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>Room for some writes; null where the kernel or a sandbox gives none.</summary>
    /// <param name="depth">How many may be under way.</param>
    /// <param name="signal">Given whenever one has ended; null for nobody.</param>
    public static IOverlappedWrites? Open(int depth, ThreadSignal? signal)
    {
        FileHandle? announcer = signal?.Listen();
        if (signal is not null && announcer is null)
            return null;
        nint context = 0;
        return (long)syscall(SYS_io_setup, depth, (void*)&context) == 0 ? new LinuxOverlappedWrites(context, depth, announcer) : null;
    }

    public bool Begin(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        // Through the page cache nothing is asynchronous, and what was written has to be waited for.
        if (output is not LinuxOutputFile { Io: OutputIo.Direct } file)
            return false;
        IoVector* vector = vectors + (tag * IOverlappedWrites.MostPieces);
        for (int i = 0; i < pieces.Length; i++)
            vector[i] = new IoVector { Base = (void*)pieces[i].Address, Length = (nuint)pieces[i].Length };
        // Its number must not be given to another file meanwhile.
        bool isLent = false;
        file.Handle.DangerousAddRef(ref isLent);
        lent[tag] = file.Handle;
        blocks[tag] = new ControlBlock
        {
            Data = (ulong)tag,
            Opcode = (ushort)IOCB_CMD_PWRITEV,
            Fd = (uint)file.Handle.DangerousGetHandle(),
            Buffer = (ulong)vector,
            Length = (ulong)pieces.Length,
            Offset = offset,
            QueueFlags = announcer is null ? 0u : IOCB_FLAG_RESFD,
            EventFd = announcer is null ? 0u : (uint)announcer.DangerousGetHandle(),
        };
        if (Submit(blocks + tag))
            return true;
        GiveBack(tag);
        return false;
    }

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        Tmds.Linux.timespec now = default;
        while (true)
        {
            long count = (long)syscall(SYS_io_getevents, (void*)handle, wait ? 1 : 0, depth, (void*)events, wait ? null : (void*)&now);
            int error = errno;
            if (count < 0 && error == EINTR)
                continue;
            if (count < 0)
                throw new InvalidOperationException($"io_getevents failed with {new Errno(error).Name}.");
            for (int i = 0; i < count; i++)
            {
                int tag = (int)events[i].Data;
                long result = events[i].Result;
                GiveBack(tag);
                ended[i] = new EndedWrite(tag, result < 0 ? IoResult.Failed((int)-result) : IoResult.Ok(result));
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
        NativeMemory.Free(vectors);
        NativeMemory.Free(events);
        return isDestroyed;
    }

    private bool Submit(ControlBlock* block)
    {
        while (true)
        {
            long taken = (long)syscall(SYS_io_submit, (void*)handle, 1, (void*)&block);
            int error = errno;
            if (taken >= 0 || error != EINTR)
                return taken == 1;
        }
    }

    private void GiveBack(int tag)
    {
        lent[tag]?.DangerousRelease();
        lent[tag] = null;
    }
}
