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

    /// <summary>
    /// The process stands still, because the kernel waits for its core to be read (<c>CoreDumping</c> in
    /// proc_pid_status(5)).
    /// </summary>
    bool IsDumping => false;

    /// <summary>Opens its memory. EACCES or EPERM without CAP_SYS_PTRACE.</summary>
    IoResult<IProcessMemory> OpenMemory() => IoResult<IProcessMemory>.Failed(Tmds.Linux.LibC.ENOSYS);
}

/// <summary>The memory of a process (proc_pid_mem(5), proc_pid_pagemap(5)).</summary>
internal interface IProcessMemory : IDisposable
{
    /// <summary>
    /// One read; it may read less. 0 when the process has no memory any more; EIO where nothing can be read.
    /// </summary>
    IoResult Read(nint destination, int length, ulong address);

    /// <summary>
    /// Tells which pages there are.
    /// </summary>
    /// <param name="address">The first page.</param>
    /// <param name="exists">Gets true for each page that is in memory or swapped out.</param>
    /// <returns>How many pages were told; 0 when the process has no memory any more.</returns>
    IoResult FindPages(ulong address, Span<bool> exists);
}
