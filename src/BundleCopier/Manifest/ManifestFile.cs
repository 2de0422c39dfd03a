using BundleCopier.Model;

namespace BundleCopier.Manifest;

/// <summary>
/// One entry of a manifest: a file, or a pattern for many files. It is checked when it becomes part of a
/// <see cref="BundleManifest"/>.
/// </summary>
/// <param name="Source">
/// An absolute path; <c>*</c>, <c>?</c> and <c>[...]</c> in its last component match names.
/// </param>
public sealed record ManifestFile(string Source)
{
    /// <summary>
    /// The path below <c>files/</c> in the bundle; null for the source's last component. For a pattern: the directory
    /// of its matches, with a slash at its end; matches that are no regular files are left out then. Null for
    /// <c>files/</c> itself.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Patterns for names that the source's pattern does not find; null for none. Only for patterns.
    /// </summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>
    /// The only bytes to copy; null for the whole file. They keep their offsets, and the rest becomes a hole. In a
    /// checked manifest they are sorted, and ranges that touch or overlap are merged.
    /// </summary>
    public IReadOnlyList<ByteRange>? Ranges { get; init; }

    /// <summary>Files of a higher priority are copied first. It matters when time or space runs out.</summary>
    public int Priority { get; init; }

    /// <summary>Whether this file is compressed; null for the value in the settings.</summary>
    public Compression? Compression { get; init; }

    /// <summary>
    /// The open descriptor that is read instead of a path; null for a file. <see cref="Source"/> then only says in the
    /// receipt where the bytes came from.
    /// </summary>
    public StreamSource? Stream { get; private init; }

    /// <summary>
    /// The process whose shared memory the entry means; null for files. See <see cref="OfProcess"/>.
    /// </summary>
    public ProcessMemory? Process { get; internal init; }

    /// <summary>
    /// The id of the System V segment that the entry means; null for files. See <see cref="OfSysV"/>.
    /// </summary>
    public int? SysV { get; internal init; }

    /// <summary>
    /// The process ends when the core of the same bundle is read: its memory is opened before and copied afterwards. It
    /// may have none.
    /// </summary>
    internal bool EndsWithCore { get; init; }

    /// <summary>
    /// All shared memory of a process, with or without a name. <see cref="Name"/> may be set to the directory of its
    /// files; the default is the number of the process.
    /// </summary>
    /// <param name="process">Which process, and which of its mappings.</param>
    public static ManifestFile OfProcess(ProcessMemory process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return new ManifestFile($"/proc/{process.Pid}/map_files/*") { Process = process };
    }

    /// <summary>A System V segment.</summary>
    /// <param name="id">Its id (shmget(2), <c>ipcs -m</c>).</param>
    public static ManifestFile OfSysV(int id) => new($"/proc/sysvipc/shm/{id}") { SysV = id };

    /// <summary>True when the last component of the source has wildcards.</summary>
    public bool IsPattern => Stream is null && GlobPattern.IsPattern(LastComponent);

    /// <summary>An entry for a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">What the receipt calls the source, such as <c>core:4711</c>.</param>
    /// <param name="name">The path below <c>files/</c> in the bundle.</param>
    public static ManifestFile Of(StreamSource stream, string source, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new ManifestFile(source) { Stream = stream, Name = name };
    }

    internal string LastComponent => SysV is { } id ? $"sysv-{id}" : PathText.Name(Source);

    /// <summary>The directory of a process's memory below <c>files/</c>.</summary>
    internal string Prefix => Name ?? $"{Process?.Pid}";

    /// <summary>The directory of the source, without a slash at the end unless it is the root.</summary>
    internal string Directory => PathText.Parent(Source);
}
