using BundleCopier.Native;

namespace BundleCopier.Actors;

/// <summary>
/// Shows that a call gets on that takes long. Work of several system calls says so after each of them. A single call,
/// such as fsync(2), cannot say it, but the disk that it waits for can: it finishes requests. Safe on any thread.
/// </summary>
internal sealed class Pulse : IDisposable
{
    private readonly Lock gate = new();
    private IDiskCounter? disk;
    private bool isDisposed;
    private long beats;

    /// <summary>Changes with each <see cref="Beat"/>.</summary>
    public long Beats => Volatile.Read(ref beats);

    /// <summary>The work gets on: one of its system calls has returned.</summary>
    public void Beat() => Interlocked.Increment(ref beats);

    /// <summary>From now on the calls wait for this disk.</summary>
    /// <param name="opened">Its counter, which this object owns; null where there is none.</param>
    public void Follow(IDiskCounter? opened)
    {
        lock (gate)
        {
            if (!isDisposed)
                (disk, opened) = (opened, disk);
        }

        opened?.Dispose();
    }

    /// <summary>The requests that the disk has finished so far; null where that is not known.</summary>
    public long? FinishedByDisk()
    {
        lock (gate)
            return disk?.Finished();
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            disk?.Dispose();
            disk = null;
        }
    }
}
