using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>Lets one engine serve one simulated world after the other.</summary>
internal sealed class SwitchedKernel : IMemoryKernel
{
    public IMemoryKernel Current { get; set; } = null!;

    public DateTimeOffset UtcNow => Current.UtcNow;

    public long MonotonicMs => Current.MonotonicMs;

    public IoResult<ISourceFile> OpenSource(string path) => Current.OpenSource(path);

    public IoResult<IReadOnlyList<string>> ListNames(string directoryPath) => Current.ListNames(directoryPath);

    public IoResult<IDirectory> OpenDirectory(string path) => Current.OpenDirectory(path);

    public IoResult<ISlabMemory> AllocateSlabs(long sizeBytes) => Current.AllocateSlabs(sizeBytes);

    public IoResult LockMemory(ISlabMemory slabs) => Current.LockMemory(slabs);

    public IWriteQueue? OpenWriteQueue() => Current.OpenWriteQueue();

    public int DescriptorLimit => Current.DescriptorLimit;

    public long MajorFaults() => Current.MajorFaults();

    public long PeakRssBytes() => Current.PeakRssBytes();
}
