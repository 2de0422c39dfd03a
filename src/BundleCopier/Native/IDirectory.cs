using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// A directory held open, through which everything below it is reached by single names that are never followed if they
/// are links: what somebody renames or plants above it cannot lead the engine elsewhere.
/// </summary>
internal interface IDirectory : IDisposable
{
    /// <summary>The filesystem's name where the kernel makes it up and no file can be stored (<see cref="Native.KernelFilesystem"/>); else null.</summary>
    string? KernelFilesystem { get; }

    /// <summary>Makes a directory (0700) and opens it; EEXIST when the name is taken.</summary>
    IoResult<IDirectory> CreateDirectory(string name);

    IoResult<IDirectory> OpenDirectory(string name);

    /// <summary>Makes a new file (0600) for reading and writing; EEXIST when the name is taken.</summary>
    IoResult<IOutputFile> CreateFile(string name, OutputIo io);

    /// <summary>
    /// Makes a file for writing that has no name and is gone when it is closed; EOPNOTSUPP where names may be made and the filesystem
    /// knows no such files.
    /// </summary>
    IoResult<IOutputFile> CreateNameless(OutputIo io);

    /// <summary>Opens a regular file for reading, around the page cache where the filesystem allows.</summary>
    IoResult<ISourceFile> OpenFile(string name);

    /// <summary>ENOENT when nothing carries the name.</summary>
    IoResult Probe(string name);

    /// <summary>Renames within this directory; EEXIST, and nothing done, when the new name is taken.</summary>
    IoResult Rename(string name, string newName);

    /// <summary>Removes a name and everything below it, following nothing.</summary>
    IoResult RemoveTree(string name);

    /// <summary>Takes the directory for this process; EAGAIN when another has it. Given back when disposed.</summary>
    IoResult Lock();

    /// <summary>True when a name in <paramref name="parent"/> still leads to this very directory, owned by us alone.</summary>
    bool IsStill(IDirectory parent, string name) => ClaimTo(parent, name) == DirectoryClaim.Ours;

    /// <summary>Whether it is what a copy of this user has made under that name, and if not, what speaks against it.</summary>
    DirectoryClaim ClaimTo(IDirectory parent, string name);

    /// <summary>fsync(2) of the directory itself: its names are on disk. Final when it fails: never retried.</summary>
    IoResult Sync();

    /// <summary>syncfs(2): everything written to the filesystem is on disk. Final when it fails: never retried.</summary>
    IoResult SyncFilesystem();

    /// <summary>Begins <see cref="SyncFilesystem"/>. Files may be written meanwhile; the directory must stay open until it has ended.</summary>
    FilesystemSync BeginSyncFilesystem() => FilesystemSync.Now(SyncFilesystem);

    /// <summary>Bytes that a user like us may still write; EOPNOTSUPP where the filesystem does not tell.</summary>
    IoResult FreeBytes();

    /// <summary>Makes a file without a name, which nobody sees and which is gone when it is closed; EOPNOTSUPP where the filesystem knows none.</summary>
    IoResult<IProbeFile> CreateProbe();

    /// <summary>Tries, on a file without a name, which way of writing leaves no page cache behind.</summary>
    IoResult<DestinationTraits> ProbeOutputIo();
}

/// <summary>A file without a name that is only there to see how long writing takes.</summary>
internal interface IProbeFile : IDisposable
{
    /// <summary>Writes 4 KiB through the page cache, always the same ones, and sees them to disk (fdatasync(2)): what a program does that keeps a log.</summary>
    IoResult WriteAndSync();
}

/// <summary>Whose a directory is that has the name of one of ours.</summary>
internal enum DirectoryClaim
{
    /// <summary>This user's, and nobody else may use it: as a copy makes them.</summary>
    Ours,

    /// <summary>The name leads to something else by now.</summary>
    Replaced,

    /// <summary>Another user's.</summary>
    OfAnother,

    /// <summary>This user's, but group or world may use it too, which no copy grants.</summary>
    OpenToOthers,
}

/// <summary>What the destination's filesystem can do, found out by trying.</summary>
internal sealed record DestinationTraits(OutputIo Io);
