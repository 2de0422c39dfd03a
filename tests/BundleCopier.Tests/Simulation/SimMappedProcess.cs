using System.Text;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>A process with memory that it has mapped. Its device numbers are those of the sources: 0.</summary>
internal sealed class SimMappedProcess
{
    private readonly StringBuilder maps = new();
    private readonly Dictionary<ulong, SimSource> mapped = [];

    /// <summary>All of its threads have ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The error of looking into the process; 0 for none.</summary>
    public int ReadError { get; set; }

    /// <summary>The error of reaching a file by its mapping; 0 for none.</summary>
    public int MapFilesError { get; set; }

    /// <summary>Its namespace of System V segments.</summary>
    public string IpcNamespace { get; set; } = "ipc:[1]";

    /// <summary>Other texts of its directory in procfs.</summary>
    public Dictionary<string, byte[]> Texts { get; } = [];

    public byte[] Maps => Encoding.UTF8.GetBytes(maps.ToString());

    public SimMappedProcess Map(
        ulong start, SimSource source, string path, ulong length = 4096, ulong offset = 0, string protection = "rw-s")
    {
        maps.Append($"{start:x8}-{start + length:x8} {protection} {offset:x8} 00:00 {source.Inode} {path}\n");
        mapped[start] = source;
        return this;
    }

    public SimSource? At(ulong start) => mapped.GetValueOrDefault(start);

    /// <summary>Something else is mapped there from now on.</summary>
    public void Unmap(ulong start) => mapped.Remove(start);
}

/// <summary>A process that the engine holds.</summary>
internal sealed class SimHeldProcess(SimKernel kernel, int pid, SimMappedProcess process)
    : SimHandle(kernel, $"process {pid}"), IProcess
{
    public int Pid => pid;

    public bool HasEnded => process.HasEnded;

    public IoResult ReadText(string path, TextSink take)
    {
        if (Enter(SimOp.ReadProcess, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        if (process.HasEnded || process.ReadError != 0)
            return IoResult.Failed(process.HasEnded ? ESRCH : process.ReadError);
        byte[]? text = path == "maps" ? process.Maps : process.Texts.GetValueOrDefault(path);
        if (text is null)
            return IoResult.Failed(ENOENT);
        // In pieces that end anywhere.
        for (int at = 0; at < text.Length; at += 100)
        {
            if (!take(text.AsSpan(at, Math.Min(100, text.Length - at))))
                break;
        }

        return IoResult.Done;
    }

    public IoResult<string> ReadLink(string path) => path == "ns/ipc" && !process.HasEnded
        ? IoResult<string>.Ok(process.IpcNamespace)
        : IoResult<string>.Failed(ENOENT);

    public IoResult<IReadOnlyList<string>> ListNames(string path, int maxNames) =>
        process.HasEnded ? IoResult<IReadOnlyList<string>>.Failed(ENOENT) : IoResult<IReadOnlyList<string>>.Ok([]);

    public IoResult LookAt(MemoryMapping mapping, out FileStat status, out bool isInMemory)
    {
        IoResult<SimSource> found = Find(mapping);
        isInMemory = found.Value?.Traits.IsShared == true;
        status = found.Value is null ? default : SimSourceFile.StatusOf(found.Value);
        return found.Value is null ? IoResult.Failed(found.Error) : IoResult.Done;
    }

    public IoResult<ISourceFile> Open(MemoryMapping mapping) =>
        Find(mapping).Try(out SimSource? source, out Errno error)
        ? IoResult<ISourceFile>.Ok(new SimSourceFile(Kernel, source))
        : IoResult<ISourceFile>.Failed(error);

    private IoResult<SimSource> Find(MemoryMapping mapping)
    {
        if (Enter(SimOp.OpenSource, (long)mapping.Start) is { IsError: true } error)
            return IoResult<SimSource>.Failed(error);
        if (process.HasEnded || process.MapFilesError != 0)
            return IoResult<SimSource>.Failed(process.HasEnded ? ENOENT : process.MapFilesError);
        return process.At(mapping.Start) is { } source && source.Inode == mapping.File.Inode
            ? IoResult<SimSource>.Ok(source)
            : IoResult<SimSource>.Failed(ENOENT);
    }
}
