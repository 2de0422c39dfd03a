using BundleCopier.Faults;
using BundleCopier.Plan;
using BundleCopier.Write;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>
/// What an earlier run has saved of the files of a copy, and the outputs that wait to be compared with its journal. The
/// keeper gets one step at a time, so that a copy that is stopped does not wait until the disk has read the outputs of
/// all files. Pure.
/// </summary>
/// <param name="crew">Gets the orders.</param>
internal sealed class EarlierFiles(ICrew crew)
{
    private readonly Queue<(PlannedFile File, bool IsCompressed)> toCheck = new();
    private EarlierShare[]? shares;
    private bool isChecking;

    /// <summary>
    /// Data that an earlier run has saved and that this run did not look at: it was stopped before, or the source could
    /// not be opened. In bytes.
    /// </summary>
    public long DroppedBytes { get; private set; }

    /// <summary>The part of them that was not compared because the copy was stopped.</summary>
    public long UncomparedBytes { get; private set; }

    /// <summary>Tells what an earlier run has saved of each file; null for nothing.</summary>
    public void Expect(EarlierShare[]? all) => shares = all;

    /// <summary>There was no earlier run.</summary>
    public bool IsEmpty => shares is null;

    /// <summary>What it has saved of a file.</summary>
    public EarlierShare Of(int file) => shares is null ? default : shares[file];

    /// <summary>A file is not looked at.</summary>
    /// <param name="file">Its place in the order.</param>
    /// <param name="isUncompared">The copy was stopped before. Otherwise its source could not be opened.</param>
    public void Drop(int file, bool isUncompared)
    {
        DroppedBytes += Of(file).DataBytes;
        UncomparedBytes += isUncompared ? Of(file).DataBytes : 0;
    }

    /// <summary>A pattern has not found the files again.</summary>
    /// <param name="bytes">What an earlier run has saved of them, in bytes of data.</param>
    /// <param name="isUncompared">The copy was stopped before.</param>
    public void DropUnclaimed(long bytes, bool isUncompared)
    {
        DroppedBytes += bytes;
        UncomparedBytes += isUncompared ? bytes : 0;
    }

    /// <summary>A file was looked at in part, because the copy was stopped.</summary>
    /// <param name="file">Its place in the order.</param>
    /// <param name="keptBytes">Data that was found to be good, in bytes.</param>
    public void DropRest(int file, long keptBytes)
    {
        long restBytes = Math.Max(0, Of(file).DataBytes - keptBytes);
        DroppedBytes += restBytes;
        UncomparedBytes += restBytes;
    }

    /// <summary>The output of a file is to be compared.</summary>
    public void Check(PlannedFile file, bool isCompressed, Fault? stopCause)
    {
        toCheck.Enqueue((file, isCompressed));
        CheckNext(stopCause);
    }

    /// <summary>The keeper has answered.</summary>
    /// <param name="isDone">The output needs no further step.</param>
    /// <param name="stopCause">Why the copy ends early; null when it does not.</param>
    public void Answered(bool isDone, Fault? stopCause)
    {
        isChecking = false;
        if (isDone)
            toCheck.Dequeue();
        CheckNext(stopCause);
    }

    private void CheckNext(Fault? stopCause)
    {
        if (isChecking || toCheck.Count == 0)
            return;
        isChecking = true;
        (PlannedFile file, bool isCompressed) = toCheck.Peek();
        CheckEnd end = stopCause is null ? CheckEnd.WhenDone
            : stopCause.Kind == FaultKind.Cancelled ? CheckEnd.Leave
            : CheckEnd.Drop;
        crew.ToKeeper(new CheckOutput(file, isCompressed, end));
    }
}
