using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The directories below <c>files/</c>. A bundle may have more of them than a process may have descriptors, so only
/// the ones used last are open; one that is closed is synced first, and opened again when its turn comes.
/// </summary>
internal sealed class OutputDirectories(IDirectory root) : IDisposable
{
    private const int MaxOpen = 64;

    private readonly Dictionary<string, IDirectory> open = [];
    private readonly LinkedList<string> minRecent = [];
    private readonly HashSet<string> made = [];
    private Errno firstFailure;

    /// <summary>The directory of a path, made if it is not there yet.</summary>
    /// <param name="path">Its names, below <c>files/</c>; empty for that itself.</param>
    public IoResult<IDirectory> Open(string path)
    {
        if (path.Length == 0)
            return IoResult<IDirectory>.Ok(root);
        if (open.TryGetValue(path, out IDirectory? known))
        {
            minRecent.Remove(path);
            minRecent.AddLast(path);
            return IoResult<IDirectory>.Ok(known);
        }

        (string above, string leaf) = Split(path);
        if (!Open(above).Try(out IDirectory? parent, out Errno error))
            return IoResult<IDirectory>.Failed(error);
        IoResult<IDirectory> opened = made.Contains(path) ? parent.OpenDirectory(leaf) : parent.CreateDirectory(leaf);
        if (!opened.Try(out IDirectory? directory, out error))
        {
            // It may have been made and not opened (EMFILE): the next file that belongs there has to find its name
            // free.
            if (error.Code != EEXIST && !made.Contains(path))
                _ = parent.RemoveTree(leaf);
            return opened;
        }

        made.Add(path);
        open.Add(path, directory);
        minRecent.AddLast(path);
        if (open.Count > MaxOpen)
            Close(minRecent.First!.Value);
        return opened;
    }

    /// <summary>Sees every name to disk. The first failure is final, also one that was met on the way.</summary>
    public Errno Sync()
    {
        foreach (IDirectory directory in open.Values)
            Note(directory.Sync());
        Note(root.Sync());
        return firstFailure;
    }

    public void Dispose()
    {
        foreach (IDirectory directory in open.Values)
            directory.Dispose();
        open.Clear();
        root.Dispose();
    }

    public static (string Path, string Leaf) Split(string name)
    {
        int slash = name.LastIndexOf('/');
        return slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
    }

    private void Close(string path)
    {
        open.Remove(path, out IDirectory? directory);
        minRecent.Remove(path);
        Note(directory!.Sync());
        directory.Dispose();
    }

    private void Note(IoResult synced)
    {
        if (!synced.IsOk && !firstFailure.IsError)
            firstFailure = synced.Error;
    }
}
