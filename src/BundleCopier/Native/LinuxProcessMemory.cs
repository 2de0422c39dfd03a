using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The memory of a process of the real kernel.</summary>
internal sealed unsafe class LinuxProcessMemory(FileHandle memory, FileHandle pages) : IProcessMemory
{
    private const int PagesPerRead = 512;

    // proc_pid_pagemap(5): bits 63 and 62.
    private const ulong Exists = 0xC000_0000_0000_0000;

    /// <summary>Opens it.</summary>
    /// <param name="directory">The process's directory in procfs.</param>
    public static IoResult<IProcessMemory> Open(FileHandle directory)
    {
        using FileHandle.Loan loan = directory.Borrow();
        if (!Calls.OpenAt(loan.Fd, "mem", O_RDONLY).Try(out FileHandle? memory, out Errno error))
            return IoResult<IProcessMemory>.Failed(error);
        if (Calls.OpenAt(loan.Fd, "pagemap", O_RDONLY).Try(out FileHandle? pages, out error))
            return IoResult<IProcessMemory>.Ok(new LinuxProcessMemory(memory, pages));
        memory.Dispose();
        return IoResult<IProcessMemory>.Failed(error);
    }

    public IoResult Read(nint destination, int length, ulong address) =>
        Calls.Read(memory, destination, length, (long)address);

    public IoResult FindPages(ulong address, Span<bool> exists)
    {
        ulong* entries = stackalloc ulong[PagesPerRead];
        int count = Math.Min(exists.Length, PagesPerRead);
        long offset = (long)(address / (ulong)Environment.SystemPageSize) * sizeof(ulong);
        IoResult read = Calls.Read(pages, (nint)entries, count * sizeof(ulong), offset);
        if (!read.IsOk)
            return read;
        int told = (int)read.Value / sizeof(ulong);
        for (int i = 0; i < told; i++)
            exists[i] = (entries[i] & Exists) != 0;
        return IoResult.Ok(told);
    }

    public void Dispose()
    {
        memory.Dispose();
        pages.Dispose();
    }
}
