using System.IO.MemoryMappedFiles;

namespace CrashingEngine;

/// <summary>A file of its own, readable by its owner only, mapped shared and writable. Never unmapped: the process crashes.</summary>
internal sealed unsafe class SharedMemory
{
    private readonly byte* _start;

    public SharedMemory(string path, long length)
    {
        Length = length;
        FileStream file = Create(path);
        file.SetLength(length);
        MemoryMappedViewAccessor view = MemoryMappedFile
            .CreateFromFile(file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true)
            .CreateViewAccessor(0, length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public long Length { get; }

    /// <summary>The bytes themselves; storing to a page is what makes tmpfs allocate it.</summary>
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
