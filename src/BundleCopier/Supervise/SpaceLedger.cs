using BundleCopier.Model;

namespace BundleCopier.Supervise;

/// <summary>
/// Decides which file may use the free space of the destination. While there is far more space than all open files
/// need, every segment may start. When space is short, the files take their turns in the order of their priority: a
/// file starts only when each file before it has all that it needs. So a file of low priority cannot take the last
/// blocks. Nothing is reserved on the disk (docs/decisions/0028-account-of-free-space.md). Pure.
/// </summary>
/// <param name="keepsFree">
/// Some space must stay free, so the ledger limits the last writes. Otherwise the kernel says when the disk is full.
/// </param>
internal sealed class SpaceLedger(bool keepsFree)
{
    // What the filesystem itself may need for extents, directories and checksums, and what the estimate may be wrong
    // by. A larger margin costs no space, only some overlap of files at the end of a disk.
    private const long MarginBytes = 4 << 20;
    private const int MarginShare = 64;

    // With a limit, the files that the copy writes besides must stay within it, too: the hashes of segments, the
    // journal, directories.
    private const long OtherFilesBytes = 128 << 10;
    private const int OtherFilesShare = 4096;

    private const long MinMeasureBytes = 1 << 20;
    private const long MaxMeasureBytes = 64 << 20;

    private readonly SortedDictionary<int, Claim> claims = [];
    private bool isKnown;
    private bool isMeasuring;
    private bool mustMeasure;
    private bool isExact; // nothing was written since the last measurement
    private bool hasFilled;
    private long freeBytes; // without what segments in flight may take
    private long inFlightBytes;
    private long writtenSinceAskedBytes;
    private long writtenSinceMeasuredBytes;
    private long claimedBytes;

    /// <summary>A file needs space from now on.</summary>
    /// <param name="file">Its place in the order.</param>
    /// <param name="dataBytes">The most that its segments need.</param>
    /// <param name="endBytes">The most that its end needs, once all its segments are written.</param>
    public void Add(int file, long dataBytes, long endBytes)
    {
        claims.Add(file, new Claim { DataBytes = dataBytes, EndBytes = endBytes });
        claimedBytes += dataBytes + endBytes;
    }

    /// <summary>Says anew what the segments of a file need. None of them has started.</summary>
    public void Set(int file, long dataBytes)
    {
        if (!claims.TryGetValue(file, out Claim? claim))
            return;
        claimedBytes += dataBytes - claim.DataBytes;
        claim.DataBytes = dataBytes;
    }

    /// <summary>Space that was in use may be free now: it has to be measured.</summary>
    public void Freed() => (mustMeasure, isExact) = (true, false);

    /// <summary>No segment of the file will start any more; it may still need its end.</summary>
    public void Drained(int file)
    {
        if (!claims.TryGetValue(file, out Claim? claim))
            return;
        Spend(claim, claim.DataBytes);
        if (claim.EndBytes == 0)
            Remove(file);
    }

    /// <summary>The file needs nothing any more.</summary>
    public void Remove(int file)
    {
        if (claims.Remove(file, out Claim? claim))
            claimedBytes -= claim.DataBytes + claim.EndBytes;
    }

    /// <summary>Whether there is far more space than all open files need and so much besides.</summary>
    public bool IsAmple(long bytes) => !isKnown || HasRoom(claimedBytes, bytes);

    /// <summary>Whether files that are not open yet, with so much data, do not fit beside the open ones.</summary>
    public bool IsShortOf(long dataBytes) => isKnown
        && freeBytes - claimedBytes < dataBytes + (dataBytes / MarginShare) + OtherFilesBytes;

    /// <summary>How much a segment of a file may write.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">The most that the segment needs.</param>
    /// <returns>Null: it must wait. 0: it may write nothing. Otherwise the limit in bytes.</returns>
    public long? RoomFor(int file, long bytes)
    {
        if (IsAmple(bytes))
            return long.MaxValue;
        long before = 0;
        bool isFirst = true;
        foreach ((int index, Claim claim) in claims)
        {
            if (index >= file)
                break;
            isFirst = false;
            before += claim.DataBytes + claim.EndBytes;
        }

        if (!isFirst)
            return HasRoom(before, bytes) ? long.MaxValue : null;
        if (keepsFree)
            return LastRoom(bytes);
        // Writes in flight reserve space before they fail, and take it from each other: the last ones go alone.
        bool isLast = hasFilled || freeBytes - bytes < MarginBytes;
        return isLast && inFlightBytes > 0 ? null : long.MaxValue;
    }

    /// <summary>A segment has started that may write so much.</summary>
    public void Started(long bytes)
    {
        inFlightBytes += bytes;
        freeBytes -= bytes;
        isExact = false;
    }

    /// <summary>A segment has ended.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="bytes">What it might have written.</param>
    /// <param name="writtenBytes">What it has written.</param>
    /// <param name="dataBytes">The data of the source that is done.</param>
    public void Settled(int file, long bytes, long writtenBytes, long dataBytes)
    {
        inFlightBytes -= bytes;
        freeBytes += bytes - writtenBytes;
        writtenSinceAskedBytes += writtenBytes;
        writtenSinceMeasuredBytes += writtenBytes;
        if (claims.TryGetValue(file, out Claim? claim))
            Spend(claim, dataBytes);
    }

    /// <summary>
    /// The kernel has refused a write for lack of space. From now on files take their turns: a quota is not part of
    /// what the filesystem says is free.
    /// </summary>
    public void Filled() => hasFilled = mustMeasure = true;

    /// <summary>Whether to ask now how much space is free. The answer comes by <see cref="Measured"/>.</summary>
    public bool TryAsk()
    {
        bool isDue = writtenSinceMeasuredBytes >= Math.Clamp(freeBytes / 4, MinMeasureBytes, MaxMeasureBytes);
        if (!isKnown || isMeasuring || !(mustMeasure || isDue))
            return false;
        (isMeasuring, mustMeasure) = (true, false);
        writtenSinceAskedBytes = 0;
        return true;
    }

    /// <summary>So many bytes are free that the copy may use; null where the filesystem does not tell.</summary>
    public void Measured(long? bytes)
    {
        isMeasuring = false;
        isKnown = bytes is not null;
        // What was written between the question and the answer may be in the answer or not.
        freeBytes = (bytes ?? 0) - inFlightBytes - writtenSinceAskedBytes;
        isExact = inFlightBytes == 0 && writtenSinceAskedBytes == 0;
        writtenSinceMeasuredBytes = writtenSinceAskedBytes = 0;
    }

    private bool HasRoom(long othersBytes, long bytes) =>
        !hasFilled && freeBytes - othersBytes - bytes >= MarginBytes + (othersBytes / MarginShare);

    private long? LastRoom(long bytes)
    {
        long room = freeBytes - OtherFilesBytes - (claimedBytes / OtherFilesShare) - claims.Values.Sum(c => c.EndBytes);
        if (room >= bytes)
            return bytes;
        if (inFlightBytes > 0)
            return null; // it may give some back
        if (isExact)
            return Math.Max(0, Alignment.Down(room));
        mustMeasure = true;
        return null;
    }

    private void Spend(Claim claim, long bytes)
    {
        long spent = Math.Min(bytes, claim.DataBytes);
        claim.DataBytes -= spent;
        claimedBytes -= spent;
    }

    /// <summary>What a file may still need.</summary>
    private sealed class Claim
    {
        public long DataBytes { get; set; }

        public required long EndBytes { get; init; }
    }
}
