using BundleCopier.Actors;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The directories below <c>files/</c>. A bundle may have more of them than a process may have descriptors, so only
/// those that were used last are open. A directory is synced before it is closed, and opened again when it is needed.
/// </summary>
/// <param name="root">The directory <c>files/</c> itself, which the caller owns.</param>
/// <param name="earlier">Paths of directories that an earlier run has made.</param>
internal sealed class OutputDirectories(IDirectory root, IReadOnlySet<string> earlier) : IDisposable
{
    private const int MaxOpen = 64;

    private readonly Dictionary<string, IDirectory> open = [];
    private readonly LinkedList<string> byUse = [];
    private readonly Dictionary<string, FileIdentity> made = [];
    private IoResult synced = IoResult.Done;
    private bool isComplete;

    /// <summary>The directory of a path, made if it does not exist. This object owns it.</summary>
    /// <param name="path">The path below <c>files/</c>; empty for <c>files/</c> itself.</param>
    public IoResult<IDirectory> Open(string path)
    {
        if (path.Length == 0)
            return IoResult<IDirectory>.Ok(root);
        if (open.TryGetValue(path, out IDirectory? known))
        {
            byUse.Remove(path);
            byUse.AddLast(path);
            return IoResult<IDirectory>.Ok(known);
        }

        (string above, string leaf) = PathText.Split(path);
        if (!Open(above).Try(out IDirectory? parent, out Errno error))
            return IoResult<IDirectory>.Failed(error);
        IoResult<IDirectory> opened = made.ContainsKey(path) || earlier.Contains(path)
            ? parent.OpenOwnDirectory(leaf)
            : parent.CreateDirectory(leaf);
        if (!opened.Try(out IDirectory? directory, out error))
        {
            // The directory may have been made but not opened (EMFILE). Remove it, so that the next file can make it.
            if (error.Code != EEXIST && !made.ContainsKey(path) && !earlier.Contains(path))
                _ = parent.RemoveTree(leaf);
            return opened;
        }

        if (!made.ContainsKey(path))
        {
            _ = directory.Identify(out FileIdentity identity);
            made.Add(path, identity);
        }

        open.Add(path, directory);
        byUse.AddLast(path);
        if (open.Count > MaxOpen)
            Close(byUse.First!.Value);
        return opened;
    }

    /// <summary>Removes one output. Its directory stays: other outputs may be in it.</summary>
    public IoResult RemoveFile(string output)
    {
        (string path, string leaf) = PathText.Split(output);
        return Open(path).Try(out IDirectory? parent, out Errno error)
            ? parent.RemoveTree(leaf)
            : IoResult.Failed(error);
    }

    /// <summary>
    /// Removes an output of an earlier run, and the directories above it that no output of this run is in.
    /// </summary>
    public IoResult Remove(string output)
    {
        // The uppermost directory that this run does not use; below it is nothing of this run.
        string? unused = PathText.Prefixes(output).FirstOrDefault(above => above != output && !made.ContainsKey(above));
        (string path, string leaf) = PathText.Split(unused ?? output);
        if (!Open(path).Try(out IDirectory? parent, out Errno error))
            return IoResult.Failed(error);
        IoResult removed = parent.RemoveTree(leaf);
        // Another output of the same directory has removed it.
        return removed.Error.Code == ENOENT ? IoResult.Done : removed;
    }

    /// <summary>
    /// Syncs all directories. The first failure is final, also that of a directory that was closed earlier. No name is
    /// made afterwards, so directories that are opened once more are not synced again.
    /// </summary>
    /// <param name="pulse">Shows that it gets on; null where no actor waits for it.</param>
    public IoResult Sync(Pulse? pulse)
    {
        foreach (IDirectory directory in open.Values)
        {
            Sync(directory);
            pulse?.Beat();
        }

        Sync(root);
        isComplete = true;
        return synced;
    }

    /// <summary>
    /// The path of a directory whose name leads to something else by now, because it was moved or another filesystem is
    /// mounted over it; null where there is none.
    /// </summary>
    public string? FindMoved()
    {
        foreach ((string path, FileIdentity identity) in made)
        {
            (string above, string leaf) = PathText.Split(path);
            if (!Open(above).Try(out IDirectory? parent, out _)
                || !parent.Identify(leaf, out FileIdentity found).IsOk
                || !found.IsSameFile(identity))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The path of each directory that this run uses; empty for <c>files/</c> itself.</summary>
    public IEnumerable<string> Paths => made.Keys.Prepend("");

    /// <summary>This run uses a directory of this path.</summary>
    public bool Has(string path) => made.ContainsKey(path);

    public void Dispose()
    {
        foreach (IDirectory directory in open.Values)
            directory.Dispose();
        open.Clear();
    }

    private void Close(string path)
    {
        open.Remove(path, out IDirectory? directory);
        byUse.Remove(path);
        if (!isComplete)
            Sync(directory!);
        directory!.Dispose();
    }

    private void Sync(IDirectory directory)
    {
        IoResult result = directory.SyncWhereSupported();
        if (synced.IsOk)
            synced = result;
    }
}
