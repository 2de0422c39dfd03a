using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Removes files so that other programs get on meanwhile. A filesystem frees a file in one transaction of its journal,
/// and each fsync(2) of another program waits for it: 170 ms for 4 GiB on ext4, against 1 ms without the removal. In
/// steps of 16 MiB with pauses of 2 ms it waits 7 ms, and the removal takes 2.0 s instead of 1.8 (measured).
/// </summary>
/// <param name="isStopped">Asked between the steps whether to end early.</param>
internal sealed unsafe class GentleRemoval(Func<bool> isStopped)
{
    private const long StepBytes = 16 << 20;
    private const int PauseMs = 2;

    private long freedBytes;

    public bool IsStopped => isStopped();

    /// <summary>Removes a name. Frees the space of a large file afterwards, in steps.</summary>
    /// <param name="directory">The directory with the name.</param>
    /// <param name="name">The name.</param>
    public IoResult Unlink(FileHandle directory, string name)
    {
        // Where the look fails, unlinking tells the reason.
        if (!Calls.StatusAt(directory, name, out FileStat status).IsOk || !status.IsFile)
            return DirectoryTree.Unlink(directory, name);
        FileHandle? large = status.AllocatedBytes > StepBytes ? Open(directory, name) : null;
        using (large)
        {
            IoResult removed = DirectoryTree.Unlink(directory, name);
            if (!removed.IsOk)
                return removed;
            // Never a file that has another name: that is another user's file now.
            if (large is not null
                && Calls.Status(large, out FileStat opened).IsOk
                && opened.Links == 0
                && !Free(large, opened))
            {
                return IoResult.Failed(ECANCELED);
            }
        }

        if (large is null)
            Pause(status.AllocatedBytes);
        return IoResult.Done;
    }

    private static FileHandle? Open(FileHandle directory, string name)
    {
        using FileHandle.Loan loan = directory.Borrow();
        return Calls.OpenAt(loan.Fd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK).Try(out FileHandle? file, out _)
            ? file
            : null;
    }

    /// <summary>Cuts a file without a name shorter and shorter. False when it was stopped.</summary>
    private bool Free(FileHandle file, FileStat status)
    {
        // By the space and not by the length: a sparse file may have any length.
        long steps = (status.AllocatedBytes + StepBytes - 1) / StepBytes;
        long stepLength = status.SizeBytes / steps;
        using FileHandle.Loan loan = file.Borrow();
        for (long step = 1; step < steps; step++)
        {
            if (isStopped())
                return false;
            // A file that cannot be cut is freed as a whole, when it is closed.
            if (ftruncate(loan.Fd, status.SizeBytes - (step * stepLength)) != 0)
                return true;
            Pause(StepBytes);
        }

        return true;
    }

    private void Pause(long moreBytes)
    {
        freedBytes += moreBytes;
        if (freedBytes < StepBytes)
            return;
        freedBytes = 0;
        _ = poll(null, 0, PauseMs);
    }
}
