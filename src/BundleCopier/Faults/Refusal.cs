using BundleCopier.Native;

namespace BundleCopier.Faults;

/// <summary>Why there is no bundle at all.</summary>
public enum RefusalKind
{
    /// <summary>The destination directory is not there.</summary>
    DestinationMissing,

    /// <summary>The destination directory cannot be used.</summary>
    DestinationUnusable,

    /// <summary>The destination has no room for even a receipt.</summary>
    DestinationFull,

    /// <summary>A bundle of this name is there already.</summary>
    BundleExists,

    /// <summary>Another process is copying this bundle.</summary>
    AlreadyRunning,

    /// <summary>The bundle was copied, and could not be committed.</summary>
    NotCommitted,

    /// <summary>The budget's memory could not be had.</summary>
    NoMemory,

    /// <summary>The memory could not be locked, as the settings ask.</summary>
    NotLocked,

    /// <summary>A bug: the engine stopped by itself.</summary>
    Internal,
}

/// <summary>Why there is no bundle at all, and what to do.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Code">The kernel's name for it, such as <c>ENOSPC</c>; empty where the kernel was not asked.</param>
/// <param name="Message">What happened and what to do, for a person.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Message)
{
    internal static Refusal Of(RefusalKind kind, Errno error, string message) => new(kind, error.IsError ? error.Name : "", message);
}
