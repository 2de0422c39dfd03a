using System.Globalization;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>Memory that is copied like a file, and is reached without its path.</summary>
internal abstract class MemorySource
{
    /// <summary>The mappings that are known, for the receipt; null where there are none.</summary>
    public virtual ReceiptMappings? Mappings => null;

    /// <summary>How many mappings the receipt names.</summary>
    public virtual int MappingCount => 0;

    /// <summary>Opens it.</summary>
    public abstract Result<ISourceFile, Fault> Open(IKernel kernel);
}

/// <summary>A System V segment.</summary>
internal sealed class SysVMemory(int id) : MemorySource
{
    public override Result<ISourceFile, Fault> Open(IKernel kernel)
    {
        if (kernel.OpenSysV(id).Try(out ISourceFile? opened, out Errno error))
            return Result<ISourceFile, Fault>.Ok(opened);
        if (error.Code == EINVAL || error.Code == EIDRM)
            return new Fault(FaultKind.SourceMissing, new Errno(ENOENT), $"no System V segment has the id {id}");
        if (error.Code == EACCES)
            return new Fault(FaultKind.MemoryForbidden, error, "its mode forbids it: this needs CAP_IPC_OWNER");
        return error.Code == EPERM ? new Fault(FaultKind.MemoryForbidden, error) : SourceScout.OpenFault(error);
    }
}

/// <summary>
/// One file in memory that processes have mapped, and all of its mappings. It is opened through one of them.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class MappedMemory(MappedFile file) : MemorySource
{
    /// <summary>
    /// How many mappings of one file are kept. Their entries in the receipt must fit into
    /// <see cref="ReceiptLimits.MaxFileBytes"/>; <c>facts/PID/maps</c> has all.
    /// </summary>
    public const int MaxMappings = 1000;

    private readonly List<(IProcess Process, MemoryMapping Mapping)> mappings = [];
    private int moreMappings;
    private ISourceFile? held;
    private ProcessTable? holder;

    public MappedFile File => file;

    /// <summary>The mapping that was found first.</summary>
    public MemoryMapping First => mappings[0].Mapping;

    /// <summary>The path of the first mapping.</summary>
    public string Path => string.Create(
        CultureInfo.InvariantCulture, $"/proc/{mappings[0].Process.Pid}/map_files/{First.Name}");

    public override int MappingCount => mappings.Count;

    public override ReceiptMappings Mappings => new(
        [.. mappings.Select(static m => new ReceiptMapping(
            m.Process.Pid,
            $"0x{m.Mapping.Start:x}",
            m.Mapping.Protection,
            (long)Math.Min(m.Mapping.Offset, long.MaxValue),
            (long)Math.Min(m.Mapping.End - m.Mapping.Start, long.MaxValue)))],
        moreMappings == 0 ? null : moreMappings);

    /// <summary>A mapping of the file.</summary>
    public void Add(IProcess process, MemoryMapping mapping)
    {
        if (mappings.Count < MaxMappings)
            mappings.Add((process, mapping));
        else
            moreMappings++;
    }

    /// <summary>Looks at the file.</summary>
    public IoResult LookAt(out FileStat status, out bool isInMemory) =>
        mappings[0].Process.LookAt(First, out status, out isInMemory);

    /// <summary>
    /// Opens the file now, because its process ends before it is copied. Where that fails, <see cref="Open"/> tells why
    /// later.
    /// </summary>
    public void Hold(IKernel kernel, ProcessTable table)
    {
        if (!Open(kernel).Try(out held, out _))
            return;
        holder = table;
        // Where the receipt cannot name all mappings, they stay in the core.
        table.Hold(held, moreMappings > 0 ? [] : mappings.Select(static m =>
            (m.Process.Pid, m.Mapping.Start, m.Mapping.End)));
    }

    public override Result<ISourceFile, Fault> Open(IKernel kernel)
    {
        if (held is { } open && holder!.TryTake(open))
            return Result<ISourceFile, Fault>.Ok(open);
        Fault? first = null;
        foreach ((IProcess process, MemoryMapping mapping) in mappings)
        {
            if (process.Open(mapping).Try(out ISourceFile? opened, out Errno error))
                return Result<ISourceFile, Fault>.Ok(opened);
            first ??= FaultOf(process, error);
            // Another mapping helps where this one is gone.
            if (error.Code != ENOENT && error.Code != ESRCH)
                break;
        }

        return first!;
    }

    /// <summary>Why memory of a process cannot be reached.</summary>
    public static Fault FaultOf(IProcess process, Errno error)
    {
        string which = $"process {process.Pid.ToString(CultureInfo.InvariantCulture)}";
        if (error.Code == EPERM || error.Code == EACCES)
            return new Fault(FaultKind.MemoryForbidden, error, which);
        if (error.Code == ESRCH || (error.Code == ENOENT && process.HasEnded))
            return new Fault(FaultKind.ProcessGone, new Errno(ESRCH), which);
        return error.Code == ENOENT
            ? new Fault(FaultKind.SourceMissing, error, $"{which} does not map it any more")
            : SourceScout.OpenFault(error);
    }
}
