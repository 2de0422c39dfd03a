using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Direct writes with io_submit(2). During pwrite(2) into a hole, ext4 holds the file's lock until the disk has
/// answered, so two threads have only one write in flight. io_submit(2) holds the lock only while the write is handed
/// over. For a copy of 2 GiB, one thread reaches 1740 MiB/s with four writes of 1 MiB in flight, two threads with
/// pwrite(2) reach 1080, and fio 1630. Many writes can go in one call: 30,000 files of 4 KiB take 0.8 s instead of
/// 2.7 s (docs/decisions). io_uring is not used: with it, ext4 hands writes that allocate to a pool of threads, and
/// containers forbid it.
/// </summary>
internal sealed unsafe class LinuxWriteQueue : SafeHandle, IWriteQueue
{
    private readonly int depth;
    private readonly FileHandle? announcer;
    private readonly ControlBlock* blocks;
    private readonly ControlBlock** prepared;
    private readonly IoVector* vectors;
    private readonly IoEvent* events;
    private readonly FileHandle?[] lent;
    private int preparedCount;

    private LinuxWriteQueue(nint context, int depth, FileHandle? announcer)
        : base(-1, ownsHandle: true)
    {
        this.depth = depth;
        this.announcer = announcer;
        blocks = (ControlBlock*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(ControlBlock));
        prepared = (ControlBlock**)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(ControlBlock*));
        vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)(depth * IWriteQueue.MaxPieces), (nuint)sizeof(IoVector));
        events = (IoEvent*)NativeMemory.AllocZeroed((nuint)depth, (nuint)sizeof(IoEvent));
        lent = new FileHandle?[depth];
        SetHandle(context);
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>
    /// True when the kernel and the sandbox allow io_setup(2). It asks for a queue of depth 0, which fails with EINVAL,
    /// because destroying a real queue takes 30 ms (measured).
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

    /// <summary>Opens a queue; null when the kernel or a sandbox gives none.</summary>
    /// <param name="depth">The number of writes that it can hold.</param>
    /// <param name="signal">Given whenever a write has ended; null for no signal.</param>
    public static IWriteQueue? Open(int depth, ThreadSignal? signal)
    {
        FileHandle? announcer = signal?.Listen();
        if (signal is not null && announcer is null)
            return null;
        nint context = 0;
        return (long)syscall(SYS_io_setup, depth, (void*)&context) == 0
            ? new LinuxWriteQueue(context, depth, announcer) : null;
    }

    public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        // Through the page cache io_submit(2) waits like pwrite(2).
        if (output is not LinuxOutputFile { Io: OutputIo.Direct } file)
            return false;
        IoVector* vector = vectors + (tag * IWriteQueue.MaxPieces);
        for (int i = 0; i < pieces.Length; i++)
            vector[i] = new IoVector { Base = (void*)pieces[i].Address, Length = (nuint)pieces[i].Length };
        // The descriptor's number must not be given to another file before the write has ended.
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
        prepared[preparedCount++] = blocks + tag;
        return true;
    }

    public int Submit()
    {
        int submitted = 0;
        while (submitted < preparedCount)
        {
            long taken =
                (long)syscall(SYS_io_submit, (void*)handle, preparedCount - submitted, (void*)(prepared + submitted));
            int error = errno;
            if (taken < 0 && error == EINTR)
                continue;
            if (taken <= 0)
                break;
            submitted += (int)taken;
        }

        for (int i = submitted; i < preparedCount; i++)
            GiveBack((int)(prepared[i] - blocks));
        preparedCount = 0;
        return submitted;
    }

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        Tmds.Linux.timespec now = default;
        while (true)
        {
            long count = (long)syscall(
                SYS_io_getevents, (void*)handle, wait ? 1 : 0, depth, (void*)events, wait ? null : (void*)&now);
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

    // io_destroy(2) waits for writes in flight.
    protected override bool ReleaseHandle()
    {
        bool isDestroyed = (long)syscall(SYS_io_destroy, (void*)handle) == 0;
        for (int i = 0; i < depth; i++)
            GiveBack(i);
        NativeMemory.Free(blocks);
        NativeMemory.Free(prepared);
        NativeMemory.Free(vectors);
        NativeMemory.Free(events);
        return isDestroyed;
    }

    private void GiveBack(int tag)
    {
        lent[tag]?.DangerousRelease();
        lent[tag] = null;
    }
}
