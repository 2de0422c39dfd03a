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
        Tool.Run("mount", "-t", type, "-o", "loop", image, point);
        isMounted = true;
    }

    private void Unmount()
    {
        if (!isMounted)
            return;
        isMounted = false;
        // A process that has just ended can still hold a file for some milliseconds (fs/file_table.c, delayed_fput).
        string said = "";
        bool isDone = SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    Tool.Run("umount", point);
                    return true;
                }
                catch (IOException error)
                {
                    said = error.Message;
                    return false;
                }
            },
            TimeSpan.FromSeconds(10));
        if (isDone)
            return;
        Tool.Run("umount", "--lazy", point);
        throw new IOException(said);
    }
}
