using System.Runtime.CompilerServices;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// The kernel's own figures about the machine and this process. Each file is opened once and read again from its start,
/// which makes the kernel write it anew; no reading takes memory. Safe on any thread.
/// </summary>
internal sealed class HostGauges
{
    // meminfo and status have some 1.5 KiB on kernels of today, and what is read here stands in the first of it.
    private const int BufferBytes = 4096;

    private readonly ProcFile memory = new("/proc/meminfo");
    private readonly ProcFile memoryPressure = new("/proc/pressure/memory");
    private readonly ProcFile ioPressure = new("/proc/pressure/io");
    private readonly ProcFile status = new("/proc/self/status");

    [SkipLocalsInit]
    public HostReading Read()
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        ReadOnlySpan<byte> text = memory.Read(buffer);
        HostReading reading = new HostReading() with
        {
            MemAvailableBytes = ProcText.KibField(text, "MemAvailable:"u8),
            MemFreeBytes = ProcText.KibField(text, "MemFree:"u8),
            ShmemBytes = ProcText.KibField(text, "Shmem:"u8),
            DirtyBytes = ProcText.KibField(text, "Dirty:"u8) + ProcText.KibField(text, "Writeback:"u8),
        };
        text = memoryPressure.Read(buffer);
        reading = reading with { MemorySomeUs = ProcText.StallUs(text, "some "u8), MemoryFullUs = ProcText.StallUs(text, "full "u8) };
        text = ioPressure.Read(buffer);
        return reading with { IoSomeUs = ProcText.StallUs(text, "some "u8), IoFullUs = ProcText.StallUs(text, "full "u8) };
    }

    public long PeakRssBytes() => StatusField("VmHWM:"u8);

    public long PageTableBytes() => StatusField("VmPTE:"u8);

    /// <summary>Whether this process has a capability in effect (capabilities(7)).</summary>
    [SkipLocalsInit]
    public bool HasCapability(int number)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        return ProcText.HexField(status.Read(buffer), "CapEff:"u8) is { } set && (set >> number & 1) != 0;
    }

    [SkipLocalsInit]
    private long StatusField(ReadOnlySpan<byte> nameWithColon)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        return ProcText.KibField(status.Read(buffer), nameWithColon) ?? 0;
    }

    /// <summary>A file below /proc, opened when it is first read; one that cannot be opened is not tried again.</summary>
    private sealed class ProcFile(string path)
    {
        private readonly Lazy<FileHandle?> handle = new(
            () => Calls.OpenAt(AT_FDCWD, path, O_RDONLY).Try(out FileHandle? opened, out _) ? opened : null);

        // A read that fails is a kernel that does not tell: PSI that is off answers EOPNOTSUPP.
        public unsafe ReadOnlySpan<byte> Read(Span<byte> buffer)
        {
            if (handle.Value is not { } opened)
                return [];
            fixed (byte* start = buffer)
                return buffer[..(int)Math.Max(Calls.Read(opened, (nint)start, buffer.Length, 0).Value, 0)];
        }
    }
}
