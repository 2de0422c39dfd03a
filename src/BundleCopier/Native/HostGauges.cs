using System.Runtime.CompilerServices;

namespace BundleCopier.Native;

/// <summary>
/// The kernel's own figures about the machine and this process. Each file is opened once and read again from its start,
/// which makes the kernel write it anew; no reading takes memory. Safe on any thread.
/// </summary>
internal sealed class HostGauges
{
    // meminfo and status have some 1.5 KiB on kernels of today, and what is read here stands in the first of it.
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
        reading = reading with { MemorySomeUs = ProcText.StallUs(text, "some "u8), MemoryFullUs = ProcText.StallUs(text, "full "u8) };
        text = Read(ioPressure, buffer);
        return reading with { IoSomeUs = ProcText.StallUs(text, "some "u8), IoFullUs = ProcText.StallUs(text, "full "u8) };
    }

    public long PeakRssBytes() => StatusField("VmHWM:"u8);

    public long PageTableBytes() => StatusField("VmPTE:"u8);

    /// <summary>Whether this process has a capability in effect (capabilities(7)).</summary>
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

    // When it is first read; one that cannot be opened is not tried again.
    private static Lazy<ProcFile?> Opened(string path) => new(() => ProcFile.Open(path));

    private static ReadOnlySpan<byte> Read(Lazy<ProcFile?> file, Span<byte> buffer) => file.Value is { } opened ? opened.Read(buffer) : [];
}
