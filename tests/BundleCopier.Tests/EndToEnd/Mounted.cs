namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A filesystem in an image, mounted as the destination of a place. Dispose unmounts it and gives the destination back.
/// </summary>
internal sealed class Mounted : IDisposable
{
    private readonly Workspace place;
    private readonly string type;
    private readonly string image;
    private readonly string before;
    private readonly string point;
    private bool isMounted;

    public Mounted(Workspace place, string type, string image)
    {
        (this.place, this.type, this.image, before) = (place, type, image, place.Destination);
        point = Workspace.MakePrivate(Path.Combine(place.Disk, "mounted"));
        Mount();
        place.Destination = point;
    }

    /// <summary>Unmounts the filesystem and mounts it again, which replays its journal.</summary>
    public void MountAgain()
    {
        Unmount();
        Mount();
    }

    public void Dispose()
    {
        Unmount();
        place.Destination = before;
    }

    private void Mount()
    {
        // After a power cut, the kernel may take a moment to let go of the same xfs ("duplicate UUID - can't mount").
        Try(() => Tool.Run("mount", "-t", type, "-o", "loop", image, point));
        isMounted = true;
    }

    private void Unmount()
    {
        if (!isMounted)
            return;
        isMounted = false;
        // A process that has just ended can still hold a file for some milliseconds (fs/file_table.c, delayed_fput).
        try
        {
            Try(() => Tool.Run("umount", point));
        }
        catch (IOException)
        {
            Tool.Run("umount", "--lazy", point);
            throw;
        }
    }

    private static void Try(Action step)
    {
        IOException? last = null;
        bool isDone = SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    step();
                    return true;
                }
                catch (IOException error)
                {
                    last = error;
                    return false;
                }
            },
            TimeSpan.FromSeconds(10));
        if (!isDone)
            throw new IOException(last?.Message);
    }
}
