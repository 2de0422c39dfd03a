using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Manifest;

/// <summary>
/// A source that is read from an open descriptor to its end: a pipe, a stream socket, a terminal, or a file that has no
/// size (such as one in /proc). It is read once and in order, and its size shows only at its end.
/// <see cref="ManifestFile.Of(StreamSource, string, string)"/> makes an entry of a manifest from it.
/// </summary>
/// <param name="descriptor">
/// The descriptor. It belongs to the copy from <see cref="CopyEngine.CopyAsync"/> on, which closes it as soon as
/// nothing more is read, whatever the cause: the process that writes to it must not wait for ever.
/// </param>
public sealed class StreamSource(SafeFileHandle descriptor)
{
    /// <summary>The descriptor.</summary>
    public SafeFileHandle Descriptor { get; } =
        descriptor ?? throw new ArgumentNullException(nameof(descriptor));

    /// <summary>
    /// Set where the stream is the core of a process: its ELF headers then say whether it is whole, and the receipt has
    /// the entry <c>core</c>. Null for any other stream.
    /// </summary>
    public CoreFacts? Core { get; init; }
}

/// <summary>What is known of a core before it is read. What is null is taken from the core itself, as far as it has it.
/// </summary>
public sealed record CoreFacts
{
    /// <summary>The process, as the machine counts it (and not as its PID namespace does).</summary>
    public int? Pid { get; init; }

    /// <summary>The user of the process; null for the owner of the descriptor.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group of the process; null for the group of the descriptor.</summary>
    public uint? Gid { get; init; }

    /// <summary>The number of the signal that ended the process.</summary>
    public int? Signal { get; init; }

    /// <summary>The path of the program, or its name where the path is not known.</summary>
    public string? Executable { get; init; }
}
