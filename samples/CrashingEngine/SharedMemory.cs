using System.IO.MemoryMappedFiles;

namespace CrashingEngine;

/// <summary>
/// A new file that only its owner can read, mapped shared and writable. It is never unmapped: the process crashes.
/// </summary>
internal sealed unsafe class SharedMemory
{
    private readonly byte* _start;

    public SharedMemory(string path, long length)
    {
        Length = length;
        FileStream file = Create(path);
        file.SetLength(length);
        MemoryMappedViewAccessor view = MemoryMappedFile
            .CreateFromFile(
                file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true)
            .CreateViewAccessor(0, length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public long Length { get; }

    /// <summary>The bytes in shared memory. tmpfs allocates a page when it is first written.</summary>
    public Span<byte> At(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Span<byte>(_start + offset, length);
    }

    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.ReadWrite,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
