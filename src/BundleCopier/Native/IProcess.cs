namespace BundleCopier.Native;

/// <summary>Takes the next piece of a text; false to end early. The piece is valid only during the call.</summary>
internal delegate bool TextSink(ReadOnlySpan<byte> piece);

/// <summary>
/// A process that is held: its number may go to another process later, and this object never does. When the process has
/// ended, every call fails (ESRCH or ENOENT). Paths are relative to its directory in procfs.
/// </summary>
internal interface IProcess : IDisposable
{
    /// <summary>Its number.</summary>
    int Pid { get; }

    /// <summary>All of its threads have ended.</summary>
    bool HasEnded { get; }

    /// <summary>Reads a file of procfs piece by piece, up to its end.</summary>
    IoResult ReadText(string path, TextSink take);

    /// <summary>The text of a link of procfs.</summary>
    IoResult<string> ReadLink(string path);

    /// <summary>The names in a directory of procfs, at most so many.</summary>
    IoResult<IReadOnlyList<string>> ListNames(string path, int maxNames);

    /// <summary>Looks at the file behind a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="status">The file's status.</param>
    /// <param name="isInMemory">The file is on tmpfs, ramfs or hugetlbfs.</param>
    IoResult LookAt(MemoryMapping mapping, out FileStat status, out bool isInMemory);

    /// <summary>
    /// Opens the file behind a mapping. EPERM where that needs a capability and the file has no name; ENOENT where
    /// something else is mapped there by now.
    /// </summary>
    IoResult<ISourceFile> Open(MemoryMapping mapping);
}
