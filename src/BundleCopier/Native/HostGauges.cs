using System.Runtime.CompilerServices;

namespace BundleCopier.Native;

/// <summary>
/// The kernel's figures about the machine and this process. Each file below /proc is opened once and then read again
/// from its start: the kernel produces its text for each such read. Reading allocates no memory. Safe on any thread.
/// </summary>
internal sealed class HostGauges
{
    // meminfo and status have about 1.5 KiB on today's kernels, and the fields that are used here come early.
    private const int BufferBytes = 4096;

    private readonly Lazy<ProcFile?> memory = Opened("/proc/meminfo");
    private readonly Lazy<ProcFile?> memoryPressure = Opened("/proc/pressure/memory");
    private readonly Lazy<ProcFile?> ioPressure = Opened("/proc/pressure/io");
    private readonly Lazy<ProcFile?> status = Opened("/proc/self/status");

    [SkipLocalsInit]
    public HostReading Read()
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        ReadOnlySpan<byte> text = Read(memory, buffer);
        HostReading reading = new HostReading() with
        {
            MemAvailableBytes = ProcText.KibField(text, "MemAvailable:"u8),
            MemFreeBytes = ProcText.KibField(text, "MemFree:"u8),
            ShmemBytes = ProcText.KibField(text, "Shmem:"u8),
            DirtyBytes = ProcText.KibField(text, "Dirty:"u8) + ProcText.KibField(text, "Writeback:"u8),
        };
        text = Read(memoryPressure, buffer);
        reading = reading with
        {
            MemorySomeUs = ProcText.StallUs(text, "some "u8),
            MemoryFullUs = ProcText.StallUs(text, "full "u8),
        };
        text = Read(ioPressure, buffer);
        return reading with
        {
            IoSomeUs = ProcText.StallUs(text, "some "u8),
            IoFullUs = ProcText.StallUs(text, "full "u8),
        };
    }

    public long PeakRssBytes() => StatusField("VmHWM:"u8);

    public long PageTableBytes() => StatusField("VmPTE:"u8);

    /// <summary>True when the capability is in this process's effective set (capabilities(7)).</summary>
    [SkipLocalsInit]
    public bool HasCapability(int number)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        return ProcText.HexField(Read(status, buffer), "CapEff:"u8) is { } set && (set >> number & 1) != 0;
    }

    [SkipLocalsInit]
    private long StatusField(ReadOnlySpan<byte> nameWithColon)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        return ProcText.KibField(Read(status, buffer), nameWithColon) ?? 0;
    }

    // Opened by the first reading; a file that cannot be opened is not tried again.
    private static Lazy<ProcFile?> Opened(string path) => new(() => ProcFile.Open(path));

    private static ReadOnlySpan<byte> Read(Lazy<ProcFile?> file, Span<byte> buffer) =>
        file.Value is { } opened ? opened.Read(buffer) : [];
}
