using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// Counts what several threads read of the files of a bundle, and reports it a few times a second. A receipt can say
/// anything, so a file counts for what its entry says, whatever is read of it: the end is always the total.
/// </summary>
/// <param name="sink">Gets the reports, one at a time; null where no progress is shown.</param>
/// <param name="files">How many files there are.</param>
/// <param name="bytes">Their stored bytes, as the receipt says.</param>
/// <param name="clock">The clock; null for the system's.</param>
internal sealed class ReadMeter(
    IProgress<RestoreProgress>? sink, int files, long bytes, TimeProvider? clock = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly TimeProvider time = clock ?? TimeProvider.System;
    private readonly long start = (clock ?? TimeProvider.System).GetTimestamp();
    private long doneBytes;
    private int doneFiles;
    private TimeSpan next;
    private volatile string? current;

    /// <summary>Begins a file.</summary>
    public FileMeter Begin(ReceiptFile entry)
    {
        current = entry.Name;
        return new FileMeter(this, entry.Output is null ? 0 : entry.WrittenBytes);
    }

    /// <summary>Counts bytes, and a file that is done.</summary>
    public void Add(long moreBytes, bool isFileDone)
    {
        if (sink is null)
            return;
        Interlocked.Add(ref doneBytes, moreBytes);
        if (isFileDone)
            Interlocked.Increment(ref doneFiles);
        // Another thread reports.
        if (!gate.TryEnter())
            return;
        try
        {
            TimeSpan now = time.GetElapsedTime(start);
            if (now < next)
                return;
            next = now + Interval;
            sink.Report(new RestoreProgress(
                Volatile.Read(ref doneFiles), files, Math.Min(bytes, Interlocked.Read(ref doneBytes)), bytes, now)
            {
                CurrentFile = current,
            });
        }
        finally
        {
            gate.Exit();
        }
    }
}

/// <summary>Counts what is read of one file.</summary>
/// <param name="all">Counts for all files.</param>
/// <param name="bytes">Its stored bytes, as the receipt says.</param>
internal sealed class FileMeter(ReadMeter all, long bytes)
{
    private long leftBytes = bytes;

    /// <summary>Counts bytes that were read, from any thread.</summary>
    public void Add(long readBytes)
    {
        // What is left is negative where more was read than the receipt says, and the rest does not count.
        long before = Interlocked.Add(ref leftBytes, -readBytes) + readBytes;
        if (before > 0)
            all.Add(Math.Min(before, readBytes), isFileDone: false);
    }

    /// <summary>The file is done. Called once, and last.</summary>
    public void End() => all.Add(Math.Max(0, Interlocked.Exchange(ref leftBytes, 0)), isFileDone: true);
}
