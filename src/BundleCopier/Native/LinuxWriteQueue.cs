using System.Runtime.InteropServices;
using BundleCopier.Receipt;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Direct writes by io_submit(2). The kernel gathers all of one call before it rings the device's bell, and joins what lies
/// next to each other on disk: 30,000 files of 4 KiB take 0.8 s where one pwrite(2) each takes 2.7. Not io_uring, because
/// ext4 hands writes that allocate to a pool of threads there, and containers forbid it.
/// </summary>
internal sealed unsafe class LinuxWriteQueue : SafeHandle, IWriteQueue
{
    private const int Depth = 128;

    private readonly ControlBlock* blocks = (ControlBlock*)NativeMemory.AllocZeroed(Depth, (nuint)sizeof(ControlBlock));
    private readonly ControlBlock** pointers = (ControlBlock**)NativeMemory.AllocZeroed(Depth, (nuint)sizeof(ControlBlock*));
    private readonly IoEvent* events = (IoEvent*)NativeMemory.AllocZeroed(Depth, (nuint)sizeof(IoEvent));
    private readonly FileHandle?[] lent = new FileHandle?[Depth];

    private LinuxWriteQueue(nint context)
        : base(-1, ownsHandle: true) => SetHandle(context);

    public override bool IsInvalid => handle == -1;

    /// <summary>A queue; null where the kernel or a sandbox gives none.</summary>
    public static IWriteQueue? Open()
    {
        nint context = 0;
        return (long)syscall(SYS_io_setup, Depth, (void*)&context) == 0 ? new LinuxWriteQueue(context) : null;
    }

    public void WriteAll(Span<QueuedWrite> writes)
    {
        for (int start = 0; start < writes.Length; start += Depth)
            WriteSome(writes.Slice(start, Math.Min(Depth, writes.Length - start)));
    }

    // io_destroy(2) waits for what is still under way.
    protected override bool ReleaseHandle()
    {
        bool isDestroyed = (long)syscall(SYS_io_destroy, (void*)handle) == 0;
        NativeMemory.Free(blocks);
        NativeMemory.Free(pointers);
        NativeMemory.Free(events);
        return isDestroyed;
    }

    private void WriteSome(Span<QueuedWrite> writes)
    {
        int queued = 0;
        try
        {
            for (int i = 0; i < writes.Length; i++)
            {
                // Through the page cache nothing is asynchronous, and what was written has to be waited for one by one.
                if (writes[i].Output is not LinuxOutputFile { Io: OutputIo.Direct } output)
                    continue;
                // Its number must not be given to another file meanwhile.
                bool isLent = false;
                output.Handle.DangerousAddRef(ref isLent);
                lent[queued] = output.Handle;
                blocks[queued] = new ControlBlock
                {
                    Data = (ulong)i,
                    Opcode = (ushort)IOCB_CMD_PWRITE,
                    Fd = (uint)output.Handle.DangerousGetHandle(),
                    Buffer = (ulong)writes[i].Source,
                    Length = (ulong)writes[i].Length,
                    Offset = writes[i].Offset,
                };
                pointers[queued] = blocks + queued;
                queued++;
            }

            Reap(Submit(queued), writes);
        }
        finally
        {
            for (int i = 0; i < queued; i++)
                lent[i]!.DangerousRelease();
            Array.Clear(lent);
        }
    }

    // What it does not take is written one by one, which also tells why.
    private int Submit(int count)
    {
        int submitted = 0;
        while (submitted < count)
        {
            long taken = (long)syscall(SYS_io_submit, (void*)handle, count - submitted, (void*)(pointers + submitted));
            int error = errno;
            if (taken < 0 && error == EINTR)
                continue;
            if (taken <= 0)
                break;
            submitted += (int)taken;
        }

        return submitted;
    }

    // Until the last one has come back, whatever happens: the kernel reads from the lease.
    private void Reap(int submitted, Span<QueuedWrite> writes)
    {
        while (submitted > 0)
        {
            long count = (long)syscall(SYS_io_getevents, (void*)handle, submitted, submitted, (void*)events, (void*)null);
            int error = errno;
            if (count < 0 && error != EINTR)
                throw new InvalidOperationException($"io_getevents failed with {new Errno(error).Name}.");
            for (int i = 0; i < count; i++)
            {
                long result = events[i].Result;
                writes[(int)events[i].Data].Result = result < 0 ? IoResult.Failed((int)-result) : IoResult.Ok(result);
            }

            submitted -= (int)Math.Max(0, count);
        }
    }
}
