namespace BundleCopier.Native;

/// <summary>
/// Direct writes by io_submit(2), a few at a time. pwrite(2) into a hole holds ext4's lock on the file until the disk has answered, so two threads
/// have one write in flight between them; here it is held while the write is handed over. One thread that copies 2 GiB by pread(2) makes
/// 1740 MiB a second with four writes of 1 MiB in flight, two threads with pwrite(2) 1080, and fio 1630 (docs/benchmarks/decisions.md).
/// </summary>
internal sealed class LinuxOverlappedWrites : IOverlappedWrites
{
    private readonly WriteContext context;
    private readonly FileHandle? announcer;

    private LinuxOverlappedWrites(WriteContext context, FileHandle? announcer) => (this.context, this.announcer) = (context, announcer);

    /// <summary>Room for some writes; null where the kernel or a sandbox gives none.</summary>
    /// <param name="depth">How many may be under way.</param>
    /// <param name="signal">Given whenever one has ended; null for nobody.</param>
    public static IOverlappedWrites? Open(int depth, ThreadSignal? signal)
    {
        FileHandle? announcer = signal?.Listen();
        if (signal is not null && announcer is null)
            return null;
        return WriteContext.Open(depth) is { } context ? new LinuxOverlappedWrites(context, announcer) : null;
    }

    public bool Begin(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset) =>
        context.Prepare(tag, output, pieces, offset, announcer) && context.Submit(tag, 1) == 1;

    public int Collect(Span<EndedWrite> ended, bool wait) => context.Collect(ended, wait ? 1 : 0);

    public void Dispose() => context.Dispose();
}
