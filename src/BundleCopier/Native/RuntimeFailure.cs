using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// The error numbers behind the runtime's exceptions for files. Messages have these numbers' names, because the
/// runtime's own texts are worded for programmers.
/// </summary>
internal static class RuntimeFailure
{
    /// <summary>True for an exception that a call of the runtime for a file throws where the kernel refuses.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException
        || (error is ArgumentOutOfRangeException && error.InnerException is IOException);

    /// <summary>The number.</summary>
    public static Errno Of(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => new Errno(ENOENT),
        PathTooLongException => new Errno(ENAMETOOLONG),
        // Its number is the kernel's.
        IOException { HResult: > 0 } => new Errno(error.HResult),
        { InnerException: { } inner } => Of(inner),
        UnauthorizedAccessException => new Errno(EACCES),
        _ => new Errno(EIO),
    };

    /// <summary>
    /// What to do about a file that only root may change; empty where that is not the cause.
    /// </summary>
    /// <param name="error">What the kernel said.</param>
    public static string RootMend(Errno error) =>
        error.Code == EACCES || error.Code == EPERM ? ". This needs root" : "";
}
