using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// Finds the shared memory of processes. A file that is mapped several times, or by several processes, is found once,
/// by the first entry that wants it. Only files in memory count: what is mapped from a disk is a file with a name, and
/// devices are no memory.
/// </summary>
/// <param name="kernel">Knows the mounts.</param>
/// <param name="processes">The processes.</param>
/// <param name="limits">How many files and bytes one entry finds.</param>
internal sealed class MemoryFinder(IKernel kernel, ProcessTable processes, PatternLimits limits)
{
    private const int LinesPerBeat = 1024;
    private const int OtherDescriptors = 512;

    private readonly Dictionary<FileKey, MappedMemory> known = [];
    private readonly MemoryNames names = new();
    private HashSet<string>? diskDevices;
    private int heldCount;

    /// <summary>Finds what one entry wants.</summary>
    /// <param name="wish">The entry.</param>
    /// <param name="getsOn">Told now and then while it looks.</param>
    /// <returns>The files in the order of their addresses, and what is only counted; or why there are none.</returns>
    public Result<FoundFiles, Fault> Find(ManifestFile wish, Action? getsOn = null)
    {
        if (!processes.Get(wish.Process!.Pid).Try(out IProcess? process, out Fault? fault))
            return fault;
        Search search = new(process, new MemoryChoice(wish.Process));
        int lines = 0;
        MapsText maps = new(mapping =>
        {
            if (lines++ % LinesPerBeat == 0)
                getsOn?.Invoke();
            Take(search, mapping);
        });
        IoResult read = process.ReadText("maps", maps.Add);
        if (!read.IsOk)
            return MappedMemory.FaultOf(process, read.Error);
        List<FoundMemory> found = [];
        long leftBytes = limits.MaxBytes;
        long beyondBytes = 0;
        foreach ((FileKey key, MappedMemory memory) in search.Fresh)
        {
            getsOn?.Invoke();
            if (Look(process, memory) is not { } looked)
                continue;
            if (looked.Fault is null && looked.DataBytes > leftBytes)
            {
                beyondBytes++;
                continue;
            }

            leftBytes -= looked.DataBytes;
            known.Add(key, memory);
            // The rest of the descriptors is needed for other files. What is not held may be gone later.
            if (wish.EndsWithCore && looked.Fault is null && ++heldCount <= kernel.DescriptorLimit - OtherDescriptors)
                memory.Hold(kernel, processes);
            found.Add(looked with { Name = names.Take(wish.Prefix, memory.First) });
        }

        LeftOut leftOut = new(0, search.BeyondFiles, beyondBytes);
        if (found.Count > 0 || search.HasKnown || !leftOut.IsNothing || (wish.EndsWithCore && !process.HasEnded))
            return new FoundFiles(found, leftOut);
        return process.HasEnded
            ? new Fault(FaultKind.ProcessGone, new Errno(ESRCH), $"process {process.Pid}")
            : new Fault(FaultKind.SourceMissing, new Errno(ENOENT), $"process {process.Pid} has no shared memory"
                + (wish.Process.Include is null && wish.Process.Exclude is null ? "" : " that the patterns match"));
    }

    private void Take(Search search, MemoryMapping mapping)
    {
        FileKey key = new(
            mapping.File, MemoryNames.IsSysV(mapping.File) ? search.IpcNamespace : "");
        if (known.TryGetValue(key, out MappedMemory? memory))
            search.HasKnown = true;
        else if (!search.Fresh.TryGetValue(key, out memory))
        {
            if (search.Excluded.Contains(key))
                return;
            if (!search.Choice.Wants(mapping))
            {
                search.Excluded.Add(key);
                return;
            }

            if (search.Fresh.Count >= limits.MaxFiles)
            {
                search.BeyondFiles++;
                search.Excluded.Add(key);
                return;
            }

            memory = new MappedMemory(mapping.File);
            search.Fresh.Add(key, memory);
        }

        memory.Add(search.Process, mapping);
    }

    /// <summary>Null for what is not copied: a device, or a file on a disk.</summary>
    private FoundMemory? Look(IProcess process, MappedMemory memory)
    {
        IoResult looked = memory.LookAt(out FileStat status, out bool isInMemory);
        if (looked.IsOk)
        {
            return status.IsFile && isInMemory ? new FoundMemory(memory, "", status.AllocatedBytes, null) : null;
        }

        return !MemoryNames.IsNameless(memory.File) && IsOnDisk(memory.File.Device)
            ? null
            : new FoundMemory(memory, "", 0, MappedMemory.FaultOf(process, looked.Error));
    }

    // Asked only for a file that LookAt could not reach.
    private bool IsOnDisk(ulong device)
    {
        diskDevices ??= [.. kernel.MountPoints().Where(static m => !m.IsInMemory).Select(static m => m.Device)];
        return diskDevices.Contains(LinuxDiskCounter.NameOf(device));
    }

    /// <summary>A file, and for a System V segment also its namespace.</summary>
    private readonly record struct FileKey(MappedFile File, string Namespace);

    /// <summary>One process that is searched.</summary>
    private sealed class Search(IProcess process, MemoryChoice choice)
    {
        public IProcess Process => process;

        public MemoryChoice Choice => choice;

        // In the order of addresses: the dictionary keeps the order in which keys were added.
        public OrderedDictionary<FileKey, MappedMemory> Fresh { get; } = [];

        public HashSet<FileKey> Excluded { get; } = [];

        /// <summary>Files beyond the limit.</summary>
        public long BeyondFiles { get; set; }

        /// <summary>It maps a file that an earlier entry has found.</summary>
        public bool HasKnown { get; set; }

        /// <summary>
        /// Its IPC namespace. Where the link cannot be read, the process counts as a namespace of its own.
        /// </summary>
        public string IpcNamespace => field ??= process.ReadLink("ns/ipc").Value ?? $"process {process.Pid}";
    }
}

/// <summary>A file in memory that is found.</summary>
/// <param name="Memory">The file.</param>
/// <param name="Name">Its name below <c>files/</c>.</param>
/// <param name="DataBytes">How much data it has, as far as stat(2) tells.</param>
/// <param name="Fault">Why it cannot be copied; null where it can.</param>
internal sealed record FoundMemory(MappedMemory Memory, string Name, long DataBytes, Fault? Fault);

/// <summary>What one entry finds.</summary>
/// <param name="Files">The files.</param>
/// <param name="LeftOut">What is only counted.</param>
internal sealed record FoundFiles(IReadOnlyList<FoundMemory> Files, LeftOut LeftOut);
