using System.Text;
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
    private const int MaxNameBytes = 255; // NAME_MAX

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
        string full = System.IO.Path.GetFullPath(path).TrimEnd('/');
        IoResult<IDirectory> opened = kernel.OpenDirectory(full.Length == 0 ? "/" : full);
        if (opened.Error.Code == ENOENT)
            opened = Make(kernel, full);
        if (opened.Try(out IDirectory? root, out Errno error))
        {
            if (root.ProbeOutputIo().Try(out DestinationTraits? traits, out error))
                return Result<ExtractTarget, string>.Ok(new ExtractTarget(path, root, traits.Io));
            root.Dispose();
        }

        return Result<ExtractTarget, string>.Failed(error.Code == ENOENT || error.Code == ENOTDIR
            ? $"{path} cannot be made: {error.Name}. Make the directory above it, or name another."
            : $"{path} cannot be used: {error.Name}. Check its owner and its filesystem, or name another directory.");
    }

    /// <summary>Finds out whether a name is taken already, without changing anything.</summary>
    /// <returns>None when the name is free; EEXIST when it is taken.</returns>
    public Errno Probe(string name)
    {
        (string path, string leaf) = PathText.Split(name);
        Errno error = Find(path, makes: false, out IDirectory? parent);
        if (error.Code == ENOENT)
            return Errno.None;
        if (error.IsError)
            return error;
        IoResult found = parent!.Probe(leaf);
        return found.IsOk ? new Errno(EEXIST) : found.Error.Code == ENOENT ? Errno.None : found.Error;
    }

    /// <summary>The directory that a file goes into; made (0700) when it is missing.</summary>
    public Errno MakeParent(string name, out IDirectory? parent) =>
        Find(PathText.Parent(name), makes: true, out parent);

    /// <summary>The names of a file in its directory: while it is restored, and when it is whole.</summary>
    public static (string Partial, string Final) LeavesOf(string name)
    {
        const string Suffix = ".partial";
        string leaf = PathText.Name(name);
        string head = leaf;
        while (Encoding.UTF8.GetByteCount(head) > MaxNameBytes - Suffix.Length - 1)
            head = head[..^1];
        return ($".{head}{Suffix}", leaf);
    }

    /// <summary>Syncs all directories, the deepest first.</summary>
    public Errno Sync()
    {
        foreach ((_, IDirectory directory) in directories.OrderByDescending(static d => d.Key.Length))
        {
            if (directory.Sync() is { IsOk: false } failed)
                return failed.Error;
        }

        return Errno.None;
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
            if (made.Try(out IDirectory? directory, out _) && parent.Sync() is { IsOk: false } failed)
            {
                directory.Dispose();
                return IoResult<IDirectory>.Failed(failed.Error);
            }

            return made;
        }
    }

    private Errno Find(string path, bool makes, out IDirectory? directory)
    {
        lock (gate)
        {
            if (directories.TryGetValue(path, out directory))
                return Errno.None;
            (string parentPath, string leaf) = PathText.Split(path);
            Errno error = Find(parentPath, makes, out IDirectory? parent);
            if (error.IsError)
                return error;
            // A directory that is there already, and is no link, is used as it is.
            IoResult<IDirectory> found = parent!.OpenDirectory(leaf);
            if (found.Error.Code == ENOENT && makes)
                found = parent.CreateDirectory(leaf);
            if (!found.Try(out directory, out error))
                return error;
            directories.Add(path, directory);
            return Errno.None;
        }
    }
}
