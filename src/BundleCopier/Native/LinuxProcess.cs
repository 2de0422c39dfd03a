using System.Globalization;
using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcExtra;
using static BundleCopier.Native.LibcProcess;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// A process of the real kernel. Its open directory in procfs belongs to it for good: when the process has ended,
/// nothing is found there, whichever process has the number by then (fs/proc/base.c finds it by its struct pid).
/// </summary>
internal sealed class LinuxProcess : IProcess
{
    // It has less than 2 KiB, and the names of the groups of its user.
    private const int MaxStatusBytes = 16 * 1024;

    private readonly FileHandle directory;
    private readonly FileHandle? descriptor; // pidfd_open(2); null where the kernel has none
    private readonly Lock gate = new();
    private FileHandle? mapFiles;
    private FileHandle? root;

    private LinuxProcess(int pid, FileHandle directory, FileHandle? descriptor)
    {
        Pid = pid;
        this.directory = directory;
        this.descriptor = descriptor;
    }

    public int Pid { get; }

    public bool HasEnded
    {
        get
        {
            if (descriptor is not null)
                return HasEndedBy(descriptor);
            return !ReadText("stat", static _ => false).IsOk;
        }
    }

    /// <summary>
    /// Holds a process. ESRCH where there is none, or it has ended; EACCES where /proc hides it (hidepid=).
    /// </summary>
    public static IoResult<IProcess> Open(int pid)
    {
        if (!HasOwnNumbers())
            return IoResult<IProcess>.Failed(KernelErrors.NoProc);
        nint opened = pidfd_open(SYS_pidfd_open, pid, 0);
        int error = Marshal.GetLastPInvokeError();
        // EINVAL and ENOENT: the number of a thread. Other errors: the kernel has no such call, or a filter forbids it.
        if (opened < 0 && (error == ESRCH || error == EINVAL || error == ENOENT))
            return IoResult<IProcess>.Failed(ESRCH);
        FileHandle? descriptor = opened < 0 ? null : new FileHandle((int)opened);
        IoResult<FileHandle> found = Calls.OpenAt(AT_FDCWD, $"/proc/{pid}", O_PATH | O_DIRECTORY);
        if (!found.Try(out FileHandle? directory, out Errno missing))
        {
            bool isHidden = descriptor is not null && !HasEndedBy(descriptor);
            descriptor?.Dispose();
            return IoResult<IProcess>.Failed(missing.Code != ENOENT ? missing.Code : isHidden ? EACCES : ESRCH);
        }

        LinuxProcess process = new(pid, directory, descriptor);
        // The process of the descriptor has not ended, so the directory is that process's.
        if (!process.HasEnded)
            return IoResult<IProcess>.Ok(process);
        process.Dispose();
        return IoResult<IProcess>.Failed(ESRCH);
    }

    public IoResult ReadText(string path, TextSink take)
    {
        using FileHandle.Loan loan = directory.Borrow();
        return ProcDirectory.Read(loan.Fd, path, take);
    }

    public IoResult<string> ReadLink(string path) => Calls.ReadLinkAt(directory, path);

    public IoResult<IReadOnlyList<string>> ListNames(string path, int maxNames)
    {
        FileHandle? opened;
        using (FileHandle.Loan loan = directory.Borrow())
        {
            if (!Calls.OpenAt(loan.Fd, path, O_RDONLY | O_DIRECTORY).Try(out opened, out Errno error))
                return IoResult<IReadOnlyList<string>>.Failed(error);
        }

        using (opened)
            return DirectoryNames.List(opened, maxNames: maxNames);
    }

    public IoResult LookAt(MemoryMapping mapping, out FileStat status, out bool isInMemory)
    {
        status = default;
        isInMemory = false;
        if (!Find(mapping).Try(out FileHandle? file, out Errno error))
            return IoResult.Failed(error);
        using (file)
        {
            IoResult filesystem = Calls.FilesystemStatus(file, out StatFs found);
            isInMemory = filesystem.IsOk && found.Type is TMPFS_MAGIC or RAMFS_MAGIC or HUGETLBFS_MAGIC;
            return filesystem.IsOk ? Calls.Status(file, out status) : filesystem;
        }
    }

    public IoResult<ISourceFile> Open(MemoryMapping mapping)
    {
        if (!Find(mapping).Try(out FileHandle? file, out Errno error))
            return IoResult<ISourceFile>.Failed(error);
        IoResult result = Calls.Status(file, out FileStat status);
        using PathWalk.Place place = new(file, status, isOpenToOthers: true);
        return result.IsOk
            ? LinuxSourceFile.Open(place, setsSignal: LeaseSignal.MustBeSet)
            : IoResult<ISourceFile>.Failed(result.Error);
    }

    public bool IsDumping
    {
        get
        {
            byte[] text = new byte[MaxStatusBytes];
            int length = 0;
            IoResult read = ReadText("status", piece =>
            {
                int taken = Math.Min(piece.Length, text.Length - length);
                piece[..taken].CopyTo(text.AsSpan(length));
                length += taken;
                return length < text.Length;
            });
            return read.IsOk && text.AsSpan(0, length).IndexOf("\nCoreDumping:\t1\n"u8) >= 0;
        }
    }

    public IoResult<IProcessMemory> OpenMemory() => LinuxProcessMemory.Open(directory);

    public void Dispose()
    {
        mapFiles?.Dispose();
        root?.Dispose();
        descriptor?.Dispose();
        directory.Dispose();
    }

    // That /proc is mounted, and not for another PID namespace, where the number means another process.
    private static bool HasOwnNumbers()
    {
        if (!Calls.OpenAt(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY).Try(out FileHandle? proc, out _))
            return false;
        using (proc)
        {
            return Calls.ReadLinkAt(proc, "self").Value
                == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Finds the file of a mapping; it is not opened yet (O_PATH).</summary>
    private IoResult<FileHandle> Find(MemoryMapping mapping)
    {
        IoResult<FileHandle> found = FindIn(ref mapFiles, "map_files", O_RDONLY, mapping.Name, mapping.File);
        // Without the capability, by its name as the process sees it. It must be the same file.
        return (found.Error.Code == EPERM || found.Error.Code == EACCES) && mapping.File.Path is ['/', _, ..]
            && FindIn(ref root, "root", O_PATH, mapping.File.Path[1..], mapping.File).Try(out FileHandle? named, out _)
                ? IoResult<FileHandle>.Ok(named)
                : found;
    }

    private IoResult<FileHandle> FindIn(
        ref FileHandle? holder, string directoryName, int flags, string name, MappedFile wanted)
    {
        if (!Holder(ref holder, directoryName, flags).Try(out FileHandle? opened, out Errno error))
            return IoResult<FileHandle>.Failed(error);
        FileHandle? file;
        using (FileHandle.Loan loan = opened.Borrow())
        {
            // The kernel follows the links of map_files (PathWalk); a last name below root must be no link.
            int link = flags == O_PATH ? O_NOFOLLOW : 0;
            if (!Calls.OpenAt(loan.Fd, name, O_PATH | link).Try(out file, out error))
                return IoResult<FileHandle>.Failed(error);
        }

        if (Calls.Status(file, out FileStat status).IsOk
            && (status.Device, status.Inode) == (wanted.Device, wanted.Inode))
        {
            return IoResult<FileHandle>.Ok(file);
        }

        file.Dispose();
        return IoResult<FileHandle>.Failed(ENOENT);
    }

    private IoResult<FileHandle> Holder(ref FileHandle? holder, string name, int flags)
    {
        lock (gate)
        {
            if (holder is not null)
                return IoResult<FileHandle>.Ok(holder);
            using FileHandle.Loan loan = directory.Borrow();
            IoResult<FileHandle> opened = Calls.OpenAt(loan.Fd, name, flags | O_DIRECTORY);
            holder = opened.Value;
            return opened;
        }
    }

    private static unsafe bool HasEndedBy(FileHandle descriptor)
    {
        using FileHandle.Loan loan = descriptor.Borrow();
        PollEntry entry = new() { Fd = loan.Fd, Wanted = PollEntry.Readable };
        return PollFor(&entry, 1, 0) > 0;
    }
}
