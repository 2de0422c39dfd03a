using System.Globalization;
using System.Text;
using BundleCopier.Model;
using static BundleCopier.Native.LibcExtra;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A file of the spool that was read.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="UserId">Its owner.</param>
internal sealed record SpoolFile(byte[] Content, uint UserId);

/// <summary>
/// A directory into which other programs rename files. The server renames each to <c>work</c>, and removes it when it
/// is done, or renames it to <c>failed</c> with a file that says why. All of it belongs to root or to this user, and no
/// other user may write to it.
/// </summary>
internal sealed unsafe class SpoolFolder : IDisposable
{
    public const string WorkName = "work";
    public const string FailedName = "failed";
    public const string Suffix = ".json";
    public const string ErrorSuffix = ".error";

    private const int OwnerOnlyDirectory = 0x1C0; // 0700
    private const int OwnerOnlyFile = 0x180; // 0600

    private readonly FileHandle spool;
    private readonly FileHandle work;
    private readonly FileHandle failed;

    private SpoolFolder(FileHandle spool, FileHandle work, FileHandle failed)
    {
        this.spool = spool;
        this.work = work;
        this.failed = failed;
    }

    /// <summary>Opens a spool; makes what is missing of it (0700).</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The spool, or why it cannot be used, as the rest of a sentence that begins with its path.</returns>
    public static Result<SpoolFolder, string> Open(string path)
    {
        if (Make(path) is { } notMade)
            return notMade;
        if (!PathWalk.Resolve(path).Try(out PathWalk.Place? place, out Errno failure))
            return $"cannot be opened: {failure.Name}";
        using (place)
        {
            if (place.Untrusted is { } untrusted)
                return $"cannot be trusted: {untrusted.Path} {untrusted.Problem}";
            if (!Calls.Reopen(place.Handle, O_RDONLY | O_DIRECTORY).Try(out FileHandle? spool, out failure))
                return $"cannot be opened: {failure.Name}";
            if (Problem(spool) is { } problem)
                return $"cannot be trusted: it {problem}";
            if (!Below(spool, WorkName).Try(out FileHandle? work, out string? why)
                || !Below(spool, FailedName).Try(out FileHandle? failed, out why))
            {
                return why;
            }

            return new SpoolFolder(spool, work, failed);
        }
    }

    /// <summary>The manifests that wait in the spool, by name.</summary>
    public IoResult<IReadOnlyList<string>> Waiting() => Manifests(spool);

    /// <summary>The manifests that an earlier server had taken and not finished, by name.</summary>
    public IoResult<IReadOnlyList<string>> Unfinished() => Manifests(work);

    /// <summary>Takes a file out of the spool. EEXIST while another of its name is in work.</summary>
    public IoResult Take(string name) => Rename(spool, name, work, name, RENAME_NOREPLACE);

    /// <summary>Reads a file that was taken.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="maxBytes">The largest size.</param>
    /// <returns>The file, or why it is refused.</returns>
    public Result<SpoolFile, string> Read(string name, int maxBytes)
    {
        using FileHandle.Loan loan = work.Borrow();
        if (!Calls.OpenAt(loan.Fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).Try(out FileHandle? file, out Errno error))
            return error.Code == ELOOP ? "it is a symbolic link" : $"it cannot be opened: {error.Name}";
        using (file)
        {
            IoResult looked = Calls.Status(file, out FileStat status);
            if (!looked.IsOk)
                return $"it cannot be read: {looked.Error.Name}";
            if (!status.IsFile)
                return "it is no regular file";
            if (status.Uid != 0 && status.Uid != (uint)geteuid())
                return string.Create(CultureInfo.InvariantCulture, $"it belongs to user {status.Uid}; give it to root");
            if (status.IsWritableByOthers)
                return "other users may write to it; take that right away (chmod go-w)";
            if (status.SizeBytes > maxBytes)
                return $"it has more than {maxBytes} bytes";
            byte[] content = new byte[status.SizeBytes];
            int length = 0;
            fixed (byte* start = content)
            {
                while (length < content.Length)
                {
                    IoResult read = Calls.Read(file, (nint)(start + length), content.Length - length, length);
                    if (read.Error.IsInterrupted)
                        continue;
                    if (!read.IsOk)
                        return $"it cannot be read: {read.Error.Name}";
                    if (read.Value == 0)
                        break;
                    length += (int)read.Value;
                }
            }

            return new SpoolFile(length == content.Length ? content : content[..length], status.Uid);
        }
    }

    /// <summary>
    /// Removes a file whose work is done, and the reason why it was refused before, when it has left <c>failed</c>.
    /// </summary>
    public IoResult Finish(string name)
    {
        IoResult removed = DirectoryTree.Unlink(work, name);
        if (Calls.StatusAt(failed, name, out _).Error.Code == ENOENT)
            _ = DirectoryTree.Unlink(failed, name + ErrorSuffix);
        return removed;
    }

    /// <summary>Moves a file to <c>failed</c>, and writes why beside it.</summary>
    public IoResult Refuse(string name, string why)
    {
        IoResult written = Write(name + ErrorSuffix, why + "\n");
        IoResult moved = Rename(work, name, failed, name, 0);
        return moved.IsOk ? written : moved;
    }

    public void Dispose()
    {
        spool.Dispose();
        work.Dispose();
        failed.Dispose();
    }

    private static string? Make(string path)
    {
        try
        {
            Directory.CreateDirectory(PathText.Parent(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Errno number = RuntimeFailure.Of(error);
            return $"cannot be made: {number.Name}{RuntimeFailure.RootMend(number)}";
        }

        fixed (byte* name = Calls.ToBytes(path))
        {
            int result = mkdirat(AT_FDCWD, name, (ushort)OwnerOnlyDirectory);
            int error = errno;
            return result == 0 || error == EEXIST ? null : $"cannot be made: {new Errno(error).Name}";
        }
    }

    private static IoResult<IReadOnlyList<string>> Manifests(FileHandle directory) =>
        DirectoryNames.List(directory).Try(out IReadOnlyList<string>? names, out Errno error)
            ? IoResult<IReadOnlyList<string>>.Ok([.. names
                .Where(static n => n.EndsWith(Suffix, StringComparison.Ordinal) && n[0] != '.')
                .Order(StringComparer.Ordinal)])
            : IoResult<IReadOnlyList<string>>.Failed(error);

    private static Result<FileHandle, string> Below(FileHandle spool, string name)
    {
        using FileHandle.Loan loan = spool.Borrow();
        fixed (byte* path = Calls.ToBytes(name))
        {
            int result = mkdirat(loan.Fd, path, (ushort)OwnerOnlyDirectory);
            int error = errno;
            if (result != 0 && error != EEXIST)
                return $"has no directory {name}, and it cannot be made: {new Errno(error).Name}";
        }

        if (!DirectoryTree.Open(spool, name).Try(out FileHandle? below, out Errno failure))
            return $"has a {name} that cannot be opened: {failure.Name}";
        if (Problem(below) is not { } problem)
            return below;
        below.Dispose();
        return $"cannot be trusted: its {name} {problem}";
    }

    private static string? Problem(FileHandle directory)
    {
        IoResult looked = Calls.Status(directory, out FileStat status);
        return !looked.IsOk ? $"cannot be read: {looked.Error.Name}"
            : status.Uid != 0 && status.Uid != (uint)geteuid()
                ? string.Create(CultureInfo.InvariantCulture, $"belongs to user {status.Uid}")
            : status.IsWritableByOthers ? "can be written by other users"
            : null;
    }

    private IoResult Write(string name, string text)
    {
        using FileHandle.Loan loan = failed.Borrow();
        if (!Calls.OpenAt(loan.Fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, OwnerOnlyFile)
            .Try(out FileHandle? file, out Errno error))
        {
            return IoResult.Failed(error);
        }

        using (file)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            fixed (byte* start = bytes)
                return Calls.Write(file, (nint)start, bytes.Length, 0);
        }
    }

    private static IoResult Rename(FileHandle from, string name, FileHandle to, string newName, uint flags)
    {
        using FileHandle.Loan source = from.Borrow(), target = to.Borrow();
        fixed (byte* old = Calls.ToBytes(name), made = Calls.ToBytes(newName))
        {
            int result = renameat2(source.Fd, old, target.Fd, made, flags);
            int error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            return result == 0 ? IoResult.Done : IoResult.Failed(error);
        }
    }
}
