using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// A syncfs(2) that may still be under way. Disposing waits for its end, too: it uses the descriptor of its
/// directory.
/// </summary>
internal sealed class FilesystemSync : IDisposable
{
    private readonly Thread? thread;
    private IoResult result;

    private FilesystemSync(Func<IoResult> sync, bool besides)
    {
        if (!besides)
        {
            result = sync();
            return;
        }

        try
        {
            Thread started = new(() => result = sync(), ThreadStack.OptionalBytes)
            {
                Name = "bundle-copier-sync",
                IsBackground = true,
            };
            started.Start();
            thread = started;
        }
        catch (OutOfMemoryException)
        {
            // The limit of threads or of locked memory is reached (pthread_create(3)).
            result = sync();
        }
    }

    /// <summary>One that has ended.</summary>
    public static FilesystemSync Now(Func<IoResult> sync) => new(sync, besides: false);

    /// <summary>
    /// One on a thread of its own, because the kernel has no call that starts it and returns. The thread has the
    /// priority of the thread that calls this (pthread_create(3)).
    /// </summary>
    public static FilesystemSync Besides(Func<IoResult> sync) => new(sync, besides: true);

    /// <summary>Waits for its end.</summary>
    public IoResult Wait()
    {
        thread?.Join();
        return result;
    }

    public void Dispose() => thread?.Join();
}
