using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BundleCopier.Model;
using static BundleCopier.Native.LibcSecurity;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>What the program still needs when it has read its inputs.</summary>
/// <param name="Capabilities">The capabilities to keep, if it has them.</param>
/// <param name="WritablePath">The directory that it writes below; null for none.</param>
/// <param name="MayBeMade">It makes the directory itself if only the last name of the path is missing.</param>
/// <param name="MayExecute">It starts programs.</param>
/// <param name="ReadsProcesses">
/// Its paths lead through processes (/proc/PID/root, fd/N). A thread under landlock(7) may not look into other
/// processes (ptrace(2)), so there are no rules then.
/// </param>
/// <param name="Readable">
/// What it reads beside the directory that it writes below; null where that is not known.
/// </param>
internal sealed record ConfinementPlan(
    ulong Capabilities,
    string? WritablePath,
    bool MayBeMade,
    bool MayExecute,
    bool ReadsProcesses,
    IReadOnlyList<ReadablePath>? Readable = null);

/// <summary>
/// Takes from the program what it does not need: capabilities, gains by execve(2) (no_new_privs), and with landlock(7)
/// everything that is written outside of the destination. All of this belongs to a thread, and a thread gives it to the
/// threads that it starts. So the first thread calls this before it starts any; the finalizer's thread is there by
/// then, and gets it through a finalizer.
/// </summary>
internal static class Confinement
{
    // The filesystem of the destination may not answer. The copy finds that out itself, and has its own time limit. On
    // a machine that is overloaded, a thread may need a second to start.
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(3);

    /// <summary>Confines the calling thread and the finalizer's.</summary>
    /// <returns>Null, or why there are no rules of landlock(7).</returns>
    public static string? Apply(ConfinementPlan plan)
    {
        using Landlock? rules = MakeRules(plan, out string? lack);
        string? own = OnThisThread(plan, rules);
        string? finalizers = "the thread of the finalizers could not be reached";
        FinalizerThread.Run(() => finalizers = OnThisThread(plan, rules));
        return lack ?? own ?? finalizers;
    }

    /// <summary>Confines the calling thread, and those that it starts from now on.</summary>
    /// <returns>Null, or what the kernel refused.</returns>
    public static string? OnThisThread(ConfinementPlan plan, Landlock? rules)
    {
        int result = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        IoResult noNewPrivileges = result == 0 ? IoResult.Done : IoResult.Failed(Marshal.GetLastPInvokeError());
        IoResult restricted = rules?.RestrictThisThread() ?? IoResult.Done;
        IoResult dropped = Capabilities.KeepOnThisThread(plan.Capabilities);
        return !restricted.IsOk ? $"landlock(7) failed: {restricted.Error.Name}"
            : !noNewPrivileges.IsOk ? $"no_new_privs failed: {noNewPrivileges.Error.Name}"
            : !dropped.IsOk ? $"capset(2) failed: {dropped.Error.Name}"
            : null;
    }

    public static Landlock? MakeRules(ConfinementPlan plan, out string? lack)
    {
        lack = plan.ReadsProcesses ? "a path leads through /proc, and landlock(7) forbids to look into other processes"
            : !Landlock.IsSupported ? "the kernel has no landlock(7), or one from before Linux 6.2"
            : null;
        if (lack is not null)
            return null;
        FileHandle? writable = null;
        if (plan.WritablePath is { } path && !TryCall(() => OpenWritable(path, plan.MayBeMade), out writable))
        {
            lack = $"{path} does not answer";
            return null;
        }

        // The programs that it starts read more. Where the filesystem of a source does not answer, reading is not
        // limited: the copy itself finds that out.
        ReadablePlaces? readable = null;
        if (plan.Readable is { } paths && !plan.MayExecute)
            _ = TryCall(() => ReadablePlaces.Open(paths), out readable);
        using (writable)
        using (readable)
        {
            if (Landlock.Create(writable, readable?.Places, plan.MayExecute).Try(out Landlock? rules, out Errno error))
                return rules;
            lack = $"landlock(7) failed: {error.Name}";
            return null;
        }
    }

    // On a thread of its own, because a filesystem that does not answer keeps the thread. False when that happens.
    private static bool TryCall<T>(Func<T?> call, out T? answer)
        where T : class
    {
        StrongBox<T?>? found = null;
        Thread caller = new(() => Volatile.Write(ref found, new StrongBox<T?>(call())))
        {
            IsBackground = true,
            Name = "sandbox",
        };
        caller.Start();
        caller.Join(OpenLimit);
        StrongBox<T?>? result = Volatile.Read(ref found);
        answer = result?.Value;
        return result is not null;
    }

    // Null when there is no such directory: then nothing is written at all.
    private static FileHandle? OpenWritable(string path, bool mayBeMade)
    {
        IoResult<FileHandle> answer = Open(path);
        if (answer.Error.Code == ENOENT && mayBeMade)
            answer = Open(PathText.Parent(path));
        return answer.Value;
    }

    private static IoResult<FileHandle> Open(string path)
    {
        if (!PathWalk.Resolve(path).Try(out PathWalk.Place? place, out Errno error))
            return IoResult<FileHandle>.Failed(error);
        using (place)
            return Calls.Reopen(place.Handle, O_RDONLY | O_DIRECTORY);
    }
}
