using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// The directory that files are restored into, and the directories below it, all held open. Names are made one
/// component at a time in an open directory, so no link can lead outside.
/// </summary>
internal sealed class ExtractTarget : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, IDirectory> directories = [];

    private ExtractTarget(string path, IDirectory root, OutputIo io)
    {
        Path = path;
        directories[""] = root;
        Io = io;
    }

    public string Path { get; }

    public OutputIo Io { get; }

    /// <summary>
    /// Opens the directory, or makes it when only it is missing; or tells what is wrong and what to do.
    /// </summary>
    public static Result<ExtractTarget, string> Open(IKernel kernel, string path)
    {
        string full = WorkingDirectory.FullPath(path).TrimEnd('/');
        IoResult<IDirectory> opened = kernel.OpenDirectory(full.Length == 0 ? "/" : full);
        if (opened.Error.Code == ENOENT)
            opened = Make(kernel, full);
        if (opened.Try(out IDirectory? root, out Errno error))
        {
            if (root.ProbeOutputIo().Try(out DestinationTraits? traits, out error))
                return new ExtractTarget(path, root, traits.Io);
            root.Dispose();
        }

        if (PathObstacle.Find(kernel, full, error) is { IsMissing: false } file)
            return $"{path} cannot be used: {file.Problem}. Name a directory.";
        return error.Code == ENOENT || error.Code == ENOTDIR
            ? $"{path} cannot be made: {error.Name}. Make the directory above it, or name another."
            : $"{path} cannot be used: {error.Name}. Check its owner and its filesystem, or name another directory.";
    }

    /// <summary>
    /// Succeeds when a file of this name can be made; EEXIST when the name is taken. Changes nothing.
    /// </summary>
    public IoResult CheckFree(string name)
    {
        (string path, string leaf) = PathText.Split(name);
        if (!Find(path, makes: false).Try(out IDirectory? parent, out Errno error))
            return error.Code == ENOENT ? IoResult.Done : IoResult.Failed(error);
        IoResult found = parent.Probe(leaf);
        if (found.IsOk)
            return IoResult.Failed(EEXIST);
        return found.Error.Code == ENOENT ? IoResult.Done : found;
    }

    /// <summary>The directory that a file goes into; made (0700) when it is missing. The target owns it.</summary>
    public IoResult<IDirectory> MakeParent(string name) => Find(PathText.Parent(name), makes: true);

    /// <summary>Syncs all directories, the deepest first.</summary>
    public IoResult Sync()
    {
        foreach ((_, IDirectory directory) in directories.OrderByDescending(static d => d.Key.Length))
        {
            if (directory.SyncWhereSupported() is { IsOk: false } failed)
                return failed;
        }

        return IoResult.Done;
    }

    public void Dispose()
    {
        foreach (IDirectory directory in directories.Values)
            directory.Dispose();
        directories.Clear();
    }

    private static IoResult<IDirectory> Make(IKernel kernel, string path)
    {
        (string parentPath, string leaf) = PathText.Split(path);
        if (!kernel.OpenDirectory(parentPath).Try(out IDirectory? parent, out Errno error))
            return IoResult<IDirectory>.Failed(error);
        using (parent)
        {
            IoResult<IDirectory> made = parent.CreateDirectory(leaf);
            if (made.Try(out IDirectory? directory, out _) && parent.SyncWhereSupported() is { IsOk: false } failed)
            {
                directory.Dispose();
                return IoResult<IDirectory>.Failed(failed.Error);
            }

            return made;
        }
    }

    private IoResult<IDirectory> Find(string path, bool makes)
    {
        lock (gate)
        {
            if (directories.TryGetValue(path, out IDirectory? known))
                return IoResult<IDirectory>.Ok(known);
            (string parentPath, string leaf) = PathText.Split(path);
            IoResult<IDirectory> above = Find(parentPath, makes);
            if (!above.Try(out IDirectory? parent, out _))
                return above;
            // A directory that exists already, and is not a link, is used as it is.
            IoResult<IDirectory> found = parent.OpenDirectory(leaf);
            if (found.Error.Code == ENOENT && makes)
                found = parent.CreateDirectory(leaf);
            if (found.Try(out IDirectory? directory, out _))
                directories.Add(path, directory);
            return found;
        }
    }
}
