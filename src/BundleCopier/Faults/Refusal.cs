using BundleCopier.Native;

namespace BundleCopier.Faults;

/// <summary>Why no bundle was made.</summary>
public enum RefusalKind
{
    /// <summary>The destination directory does not exist.</summary>
    DestinationMissing,

    /// <summary>The destination directory cannot be used.</summary>
    DestinationUnusable,

    /// <summary>The destination has not even enough room for a receipt.</summary>
    DestinationFull,

    /// <summary>A bundle with this name exists already.</summary>
    BundleExists,

    /// <summary>Another process is copying this bundle.</summary>
    AlreadyRunning,

    /// <summary>The bundle was copied, but could not be committed.</summary>
    NotCommitted,

    /// <summary>The memory for the budget could not be allocated.</summary>
    NoMemory,

    /// <summary>The settings require locked memory, but it could not be locked.</summary>
    NotLocked,

    /// <summary>The engine stopped because of a bug.</summary>
    Internal,

    /// <summary>The destination does not answer.</summary>
    DestinationHung,

    /// <summary>
    /// The copy was stopped, and nothing is committed: what is saved stays for the next copy of this bundle.
    /// </summary>
    Stopped,
}

/// <summary>Why no bundle was made, and what to do about it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Code">The errno's name, such as <c>ENOSPC</c>; empty when no system call failed.</param>
/// <param name="Message">What happened and what to do, for people.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Message)
{
    internal static Refusal Of(RefusalKind kind, Errno error, string message) =>
        new(kind, error.IsError ? error.Name : "", message);
}
