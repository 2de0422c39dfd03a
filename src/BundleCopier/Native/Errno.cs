using System.Collections.Frozen;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>An error number of the kernel; zero means no error.</summary>
internal readonly record struct Errno(int Code)
{
    public static Errno None => default;

    public bool IsError => Code != 0;

    public bool IsInterrupted => Code == EINTR;

    public bool IsNoSpace => Code == ENOSPC || Code == EDQUOT;

    // The names that a receipt may contain. A table and not a switch, because Tmds.LibC's numbers are properties:
    // they differ between architectures.
    private static readonly FrozenDictionary<int, string> Names = new Dictionary<int, string>
    {
        [EPERM] = "EPERM",
        [ENOENT] = "ENOENT",
        [EINTR] = "EINTR",
        [EIO] = "EIO",
        [ENXIO] = "ENXIO",
        [EBADF] = "EBADF",
        [EAGAIN] = "EAGAIN",
        [ENOMEM] = "ENOMEM",
        [EACCES] = "EACCES",
        [EFAULT] = "EFAULT",
        [EBUSY] = "EBUSY",
        [EEXIST] = "EEXIST",
        [EXDEV] = "EXDEV",
        [ENODEV] = "ENODEV",
        [ENOTDIR] = "ENOTDIR",
        [EISDIR] = "EISDIR",
        [EINVAL] = "EINVAL",
        [ENFILE] = "ENFILE",
        [EMFILE] = "EMFILE",
        [ETXTBSY] = "ETXTBSY",
        [EFBIG] = "EFBIG",
        [ENOSPC] = "ENOSPC",
        [ESPIPE] = "ESPIPE",
        [EROFS] = "EROFS",
        [EMLINK] = "EMLINK",
        [ENAMETOOLONG] = "ENAMETOOLONG",
        [ENOSYS] = "ENOSYS",
        [ENOTEMPTY] = "ENOTEMPTY",
        [ELOOP] = "ELOOP",
        [EOVERFLOW] = "EOVERFLOW",
        [EOPNOTSUPP] = "EOPNOTSUPP",
        [EDQUOT] = "EDQUOT",
        [ESTALE] = "ESTALE",
        [ETIMEDOUT] = "ETIMEDOUT",
    }.ToFrozenDictionary();

    /// <summary>The symbolic name, such as <c>ENOSPC</c>; <c>E123</c> for a number that is not in the table.</summary>
    public string Name => Code == KernelErrors.NotRegular ? "NOT_REGULAR"
        : Names.TryGetValue(Code, out string? name) ? name
        : $"E{Code}";

    public override string ToString() => IsError ? Name : "ok";
}
