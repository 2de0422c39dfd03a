using System.Globalization;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Plan;

/// <summary>
/// Gathers facts about the processes of a manifest, and about the machine, while they are there. What is kept has
/// limits: of each fact, of each process and of all.
/// </summary>
/// <param name="kernel">The system.</param>
/// <param name="processes">The processes.</param>
/// <param name="environ">What is kept of the environment.</param>
/// <param name="hung">The files that do not answer; null for none.</param>
/// <param name="asking">Told each file before it is read; null for nothing to tell.</param>
internal sealed class FactGatherer(
    IKernel kernel,
    ProcessTable processes,
    FactsEnviron environ,
    HungSources? hung = null,
    Action<string>? asking = null)
{
    /// <summary>Processes with facts; others have none.</summary>
    public const int MaxProcesses = 64;

    private const int KiB = 1024;
    private const int UsualBytes = 64 * KiB;
    private const int LongBytes = 256 * KiB;
    private const int MapsBytes = 1024 * KiB;
    private const int MaxProcessBytes = 2048 * KiB;
    private const int MaxDescriptors = 4096;

    private int leftBytes = 16 * 1024 * KiB;

    // Short facts first: a long one could use up the room of those behind it.
    private static readonly (string Name, int MaxBytes)[] OfProcess =
    [
        ("status", UsualBytes), ("cmdline", UsualBytes), ("limits", UsualBytes), ("cgroup", UsualBytes),
        ("auxv", UsualBytes), ("coredump_filter", UsualBytes), ("stack", UsualBytes), ("mountinfo", LongBytes),
        ("maps", MapsBytes),
    ];

    // The kernel walks all pages of the process for them.
    private static readonly (string Name, int MaxBytes)[] SlowOfProcess =
        [("smaps_rollup", UsualBytes), ("numa_maps", LongBytes)];

    private static readonly (string Name, string Path)[] OfMachine =
    [
        ("meminfo", "/proc/meminfo"), ("vmstat", "/proc/vmstat"), ("pressure-cpu", "/proc/pressure/cpu"),
        ("pressure-memory", "/proc/pressure/memory"), ("pressure-io", "/proc/pressure/io"),
        ("buddyinfo", "/proc/buddyinfo"), ("loadavg", "/proc/loadavg"), ("version", "/proc/version"),
        ("boot-id", "/proc/sys/kernel/random/boot_id"),
    ];

    /// <summary>Gathers the facts; none where the manifest names no process.</summary>
    public GatheredFacts Gather(BundleManifest manifest)
    {
        List<GatheredFact> facts = [];
        AsideFacts? aside = null;
        IEnumerable<ManifestFile> wishes =
            manifest.Files.Where(static f => f.Process is not null).DistinctBy(static f => f.Process!.Pid);
        foreach (ManifestFile wish in wishes.Take(MaxProcesses))
        {
            if (!processes.Get(wish.Process!.Pid).Try(out IProcess? process, out _))
                continue;
            if (wish.EndsWithCore)
                aside = Begin(process.Pid);
            AddProcess(facts, process, isQuick: wish.EndsWithCore);
        }

        if (facts.Count > 0)
            AddMachine(facts);
        return new GatheredFacts(facts, aside);
    }

    /// <summary>Nothing waits for the slow facts of a process that is held until its core is read.</summary>
    private AsideFacts Begin(int pid)
    {
        AsideFacts aside = new([.. SlowOfProcess.Select(f => $"{BundleNames.Facts}/{pid}/{f.Name}")]);
        kernel.DoAside(() =>
        {
            // Not the table's, which is closed when the copy ends.
            if (!kernel.OpenProcess(pid).Try(out IProcess? process, out Errno error))
            {
                aside.Complete([.. SlowOfProcess.Select(f => Of($"{pid}/{f.Name}", new FactSink(0), error))]);
                return;
            }

            using (process)
            {
                aside.Complete([.. SlowOfProcess.Select(f =>
                {
                    FactSink sink = new(f.MaxBytes);
                    return Of($"{pid}/{f.Name}", sink, process.ReadText(f.Name, sink.Add).Error);
                })]);
            }
        });
        return aside;

        static GatheredFact Of(string name, FactSink sink, Errno error)
        {
            byte[] content = sink.Content;
            bool isLost = error.IsError && content.Length == 0;
            return new GatheredFact(
                $"{BundleNames.Facts}/{name}",
                content,
                sink.IsCut || (error.IsError && !isLost),
                isLost ? error : default);
        }
    }

    private void AddProcess(List<GatheredFact> facts, IProcess process, bool isQuick)
    {
        string pid = process.Pid.ToString(CultureInfo.InvariantCulture);
        int before = leftBytes;
        leftBytes = Math.Min(leftBytes, MaxProcessBytes);
        int room = leftBytes;
        foreach ((string name, int maxBytes) in isQuick ? OfProcess : [.. OfProcess, .. SlowOfProcess])
            facts.Add(Read($"{pid}/{name}", $"/proc/{pid}/{name}", maxBytes, sink => process.ReadText(name, sink.Add)));

        if (environ != FactsEnviron.Off)
        {
            facts.Add(Read(
                $"{pid}/environ",
                $"/proc/{pid}/environ",
                LongBytes,
                sink => process.ReadText("environ", sink.Add),
                environ == FactsEnviron.Full ? null : static text => NamesOf(text)));
        }

        foreach (string link in (string[])["exe", "cwd", "root"])
        {
            bool isRead = process.ReadLink(link).Try(out string? target, out Errno error);
            facts.Add(Keep($"{pid}/{link}", isRead ? NameBytes.Of(target!) : [], false, error));
        }

        facts.Add(Read($"{pid}/fd", $"/proc/{pid}/fd", LongBytes, sink => FillDescriptors(process, sink)));
        leftBytes = before - (room - leftBytes);
    }

    private void AddMachine(List<GatheredFact> facts)
    {
        foreach ((string name, string path) in OfMachine)
            facts.Add(Read($"machine/{name}", path, UsualBytes, sink => kernel.ReadText(path, sink.Add)));

        bool isRead = kernel.ReadKernelLog(LongBytes).Try(out byte[]? log, out Errno error);
        facts.Add(Keep("machine/kernel-log", log ?? [], isRead && log!.Length == LongBytes, error));
    }

    // A file that hangs is given up after stall-timeout, and the listing begins again without it.
    private GatheredFact Read(
        string name, string path, int maxBytes, Func<FactSink, IoResult> fill, Func<byte[], byte[]>? choose = null)
    {
        FactSink sink = new(Math.Min(maxBytes, leftBytes));
        IoResult result = IoResult.Failed(KernelErrors.NoAnswer);
        if (hung?.FaultOf(path) is null)
        {
            asking?.Invoke(path);
            result = fill(sink);
        }

        return Keep(name, choose?.Invoke(sink.Content) ?? sink.Content, sink.IsCut, result.Error);
    }

    /// <summary>The names of an environment, each with a NUL behind it, as in the file itself. Pure.</summary>
    internal static byte[] NamesOf(ReadOnlySpan<byte> environment)
    {
        MemoryStream names = new();
        while (!environment.IsEmpty)
        {
            int end = environment.IndexOf((byte)0);
            ReadOnlySpan<byte> variable = end < 0 ? environment : environment[..end];
            environment = end < 0 ? [] : environment[(end + 1)..];
            int equals = variable.IndexOf((byte)'=');
            // A program may have written anything there. A text without '=' may be a value, so it is left out.
            if (equals <= 0)
                continue;
            names.Write(variable[..equals]);
            names.WriteByte(0);
        }

        return names.ToArray();
    }

    /// <summary>Each descriptor with its target, and below it its fdinfo.</summary>
    private static IoResult FillDescriptors(IProcess process, FactSink sink)
    {
        if (!process.ListNames("fd", MaxDescriptors + 1).Try(out IReadOnlyList<string>? names, out Errno error))
            return IoResult.Failed(error);
        foreach (string name in names.Take(MaxDescriptors)
            .OrderBy(static n => int.TryParse(n, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue))
        {
            string target = process.ReadLink($"fd/{name}").Value ?? "?";
            if (!sink.Add(NameBytes.Of($"{name} -> {target}\n")))
                break;
            _ = process.ReadText($"fdinfo/{name}", sink.Add);
            sink.Add("\n"u8);
        }

        if (names.Count > MaxDescriptors)
            sink.Cut();
        return IoResult.Done;
    }

    private GatheredFact Keep(string name, byte[] content, bool isCut, Errno error)
    {
        if (content.Length > leftBytes)
            (content, isCut) = (content[..leftBytes], true);
        leftBytes -= content.Length;
        // The process may end while its text is read: what is there is kept.
        bool isLost = error.IsError && content.Length == 0;
        return new GatheredFact(
            $"{BundleNames.Facts}/{name}", content, isCut || (error.IsError && !isLost), isLost ? error : default);
    }
}
