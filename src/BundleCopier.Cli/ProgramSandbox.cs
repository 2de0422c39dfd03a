using BundleCopier.Cli.Native;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>
/// Which privileges each command keeps (docs/privileges.md), and giving up the others. A command calls this when it has
/// read its inputs, and before it starts a thread or handles a signal.
/// </summary>
internal static class ProgramSandbox
{
    // The kernel says how much of a source is in memory only to a program that may write to it (cachestat(2)), so
    // reading the files of other users is faster with CAP_DAC_OVERRIDE. CAP_SYS_RESOURCE is for the blocks of ext4 that
    // are reserved for root.
    private const ulong ForCopies =
        Capabilities.DacOverride | Capabilities.DacReadSearch | Capabilities.Lease | Capabilities.SysNice
        | Capabilities.SysResource;

    private const ulong ForProcesses = Capabilities.SysPtrace | Capabilities.CheckpointRestore;

    /// <summary>Gives up what a copy does not need.</summary>
    /// <returns>Null, or why there must be no copy.</returns>
    public static string? EnterForCopy(CopyRequest request)
    {
        return request.Settings.Sandbox == ProcessSandbox.Off
            ? null
            : Enter(request.Settings, PlanOf(request), "Set it to auto, or remove the cause.");
    }

    /// <summary>
    /// Gives up what the crash server does not need. It has no rules of landlock(7): a manifest may name paths through
    /// other processes.
    /// </summary>
    /// <returns>Null, or why there must be no server.</returns>
    public static string? EnterForServe(CopySettings settings)
    {
        return settings.Sandbox == ProcessSandbox.Off
            ? null
            : Enter(
                settings,
                new ConfinementPlan(
                    ForCopies | ForProcesses | Capabilities.IpcLock | Capabilities.Syslog,
                    WritablePath: null,
                    MayBeMade: false,
                    MayExecute: settings.Canary,
                    ReadsProcesses: true),
                "Set it to auto.");
    }

    private static string? Enter(CopySettings settings, ConfinementPlan plan, string mend)
    {
        string? lack = Enter(plan);
        return settings.Sandbox == ProcessSandbox.Require && lack is not null
            ? $"process.sandbox is require, but {lack}. {mend}"
            : null;
    }

    /// <summary>Gives up what reading bundles does not need.</summary>
    public static void EnterForReading(params IReadOnlyList<string> bundles) =>
        _ = Enter(PlanOf(Capabilities.DacReadSearch, null, [.. bundles.Select(PathIn)]));

    /// <summary>Gives up what reading a bundle, and writing a file into a directory, does not need.</summary>
    public static void EnterForShow(string bundle, string directory)
    {
        const ulong Kept = Capabilities.DacReadSearch | Capabilities.DacOverride;
        _ = Enter(PlanOf(Kept, WorkingDirectory.Absolute(directory), [PathIn(bundle)]));
    }

    /// <summary>Gives up what restoring files does not need.</summary>
    /// <param name="bundles">The bundles.</param>
    /// <param name="destination">The directory to restore into.</param>
    /// <param name="preserves">Mode, owner and times of files are set.</param>
    public static void EnterForExtract(IReadOnlyList<string> bundles, string destination, bool preserves)
    {
        const ulong Kept = Capabilities.DacOverride | Capabilities.DacReadSearch | Capabilities.SysResource;
        // Also those of files that belong to another user by then.
        ulong forOwners = preserves ? Capabilities.Chown | Capabilities.Fowner : 0;
        string full = WorkingDirectory.Absolute(destination).TrimEnd('/');
        _ = Enter(PlanOf(Kept | forOwners, full, [.. bundles.Select(PathIn)]) with
        {
            MayBeMade = true,
        });
    }

    /// <summary>What a copy needs.</summary>
    public static ConfinementPlan PlanOf(CopyRequest request)
    {
        ulong kept = ForCopies | (request.Settings.MemoryLock ? Capabilities.IpcLock : 0);
        // A System V segment is found among the program's own mappings, which landlock(7) allows.
        if (request.Manifest.Files.Any(static f => f.SysV is not null))
            kept |= Capabilities.CheckpointRestore | Capabilities.IpcOwner;
        if (request.Manifest.Files.Any(static f => f.Process is not null))
            kept |= Capabilities.Syslog;
        string destination = WorkingDirectory.Absolute(request.Manifest.Destination!);
        ReadablePath[] sources =
        [
            .. request.Manifest.Files.Where(static f => f.SysV is null && f.Stream is null)
                .Select(static f => new ReadablePath(f.Source, f.IsPattern)),
        ];
        return PlanOf(kept, destination, sources) with
        {
            MayExecute = request.Settings.Canary,
        };
    }

    private static ConfinementPlan PlanOf(ulong kept, string? writable, IReadOnlyList<ReadablePath> readable)
    {
        bool readsProcesses = readable.Select(static p => p.Path).Append(writable)
            .Any(static p => p?.StartsWith("/proc/", StringComparison.Ordinal) == true);
        return new ConfinementPlan(
            kept | (readsProcesses ? ForProcesses : 0), writable, MayBeMade: false, MayExecute: false, readsProcesses,
            readable);
    }

    // Everything in the bundle is below the directory of this file.
    private static ReadablePath PathIn(string bundle) =>
        new(Path.Combine(WorkingDirectory.Absolute(bundle), BundleNames.Receipt));

    // Under the managed runtime, threads of its own exist before the program's first line, and its diagnostics remove a
    // file in /tmp at the end.
    private static string? Enter(ConfinementPlan plan) => LastResort.IsNative
        ? Confinement.Apply(plan)
        : "this is the managed program, and only the native one can restrict itself";
}
