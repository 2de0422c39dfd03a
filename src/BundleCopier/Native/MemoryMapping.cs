namespace BundleCopier.Native;

/// <summary>What identifies the file behind a mapping.</summary>
/// <param name="Device">Its filesystem, as in stat(2).</param>
/// <param name="Inode">Its number there. That of a System V segment is its id, and not unique on its device.</param>
/// <param name="Path">What the kernel calls it, with <c>(deleted)</c> where it has no name any more.</param>
internal readonly record struct MappedFile(ulong Device, ulong Inode, string Path);

/// <summary>A shared mapping of a process (proc_pid_maps(5)).</summary>
/// <param name="Start">Its first address.</param>
/// <param name="End">The address behind it.</param>
/// <param name="Protection">Such as <c>rw-s</c>.</param>
/// <param name="Offset">Where it begins in the file, in bytes.</param>
/// <param name="File">The file.</param>
internal readonly record struct MemoryMapping(ulong Start, ulong End, string Protection, ulong Offset, MappedFile File)
{
    /// <summary>Its name in <c>map_files</c>.</summary>
    public string Name => $"{Start:x}-{End:x}";
}
