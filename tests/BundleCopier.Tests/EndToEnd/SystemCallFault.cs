namespace BundleCopier.Tests.EndToEnd;

/// <summary>A system call of a copy and the errors that it can give.</summary>
/// <param name="Name">The call.</param>
/// <param name="Errors">
/// Its errors, from its manual page. A star says that the error comes once and not again: the call is repeated.
/// </param>
/// <param name="Copies">The kinds of copy that make the call.</param>
/// <param name="OfTheRuntime">
/// The .NET runtime and the loader make it, too. Then only calls that concern the copy's own files fail.
/// </param>
/// <param name="Lost">The errors after which written bytes or names can be lost: no such copy is complete.</param>
internal sealed record FailingCall(
    string Name, string Errors, string Copies, bool OfTheRuntime = false, string Lost = "")
{
    /// <summary>All calls that a copy makes for its work and that can fail.</summary>
    public static readonly FailingCall[] All =
    [
        // Sources.
        new("openat", "EIO EACCES EMFILE ENOMEM ENOSPC ELOOP EINTR*", "direct", OfTheRuntime: true),
        new("fstat", "EIO ENOMEM", "direct", OfTheRuntime: true),
        new("newfstatat", "EIO ENOMEM EACCES ENOENT", "direct", OfTheRuntime: true),
        new("fcntl", "EAGAIN EINVAL ENOLCK", "direct", OfTheRuntime: true),
        new("lseek", "EIO EINVAL", "direct", OfTheRuntime: true),
        new("pread64", "EIO ENOMEM EINTR*", "direct", OfTheRuntime: true),
        new("flistxattr", "EIO EOPNOTSUPP ENOMEM", "direct"),
        new("mmap", "ENOMEM EACCES EAGAIN", "map", OfTheRuntime: true),
        new("mincore", "EAGAIN ENOMEM", "map"),
        // The destination.
        new("fstatfs", "EIO ENOSYS EINTR*", "direct bounded", OfTheRuntime: true),
        new("getdents64", "EIO ENOENT", "stale", OfTheRuntime: true),
        new("unlinkat", "EIO EACCES EPERM EROFS", "stale"),
        new("statx", "ENOSYS EINVAL EIO ENOMEM", "direct stale"),
        new("mkdirat", "EACCES ENOSPC EROFS EMLINK EIO EEXIST", "direct"),
        new("flock", "EAGAIN ENOLCK ENOSYS EINTR*", "direct", OfTheRuntime: true),
        new("fallocate", "ENOSPC EIO EOPNOTSUPP ENOSYS EINTR*", "direct"),
        new("ftruncate", "EIO ENOSPC EPERM EINTR*", "direct"),
        new("io_setup", "EAGAIN ENOMEM ENOSYS EPERM", "direct"),
        new("io_submit", "EAGAIN EINVAL ENOSYS EIO ENOMEM EINTR*", "direct"),
        new("io_getevents", "EINTR*", "direct"),
        new("pwrite64", "EIO ENOSPC EDQUOT EFBIG EINVAL EAGAIN EINTR*", "direct bounded waiting map",
            OfTheRuntime: true),
        new("pwritev2", "EIO ENOSPC EOPNOTSUPP EINTR*", "dontcache"),
        new("sync_file_range", "EIO ENOSPC ENOSYS EINVAL EINTR*", "direct bounded dontcache",
            Lost: "EIO ENOSPC"),
        new("fadvise64", "EINVAL ENOMEM", "direct bounded"),
        // The commit.
        new("fsync", "EIO ENOSPC EDQUOT EROFS EINVAL EINTR*", "direct bounded many",
            Lost: "EIO ENOSPC EDQUOT EROFS"),
        new("syncfs", "EIO ENOSPC", "many", Lost: "EIO ENOSPC"),
        new("renameat2", "EIO ENOSPC EEXIST EINVAL ENOSYS EPERM EROFS", "direct"),
        new("close", "EIO ENOSPC EINTR", "direct", OfTheRuntime: true),
        // Threads.
        new("eventfd2", "EMFILE ENFILE ENOMEM", "direct"),
        new("sched_setscheduler", "EPERM EINVAL", "lowered"),
        new("setpriority", "EPERM EACCES", "lowered"),
        new("ioprio_set", "EPERM EINVAL", "lowered"),
    ];

    /// <summary>What makes a kind of copy: its settings.</summary>
    public static string SettingsOf(string copy) => copy switch
    {
        "lowered" => "process { scheduling = batch, nice = 1, io-priority = low }",
        "map" => "reader.mode = map",
        "bounded" => "writer.io = bounded",
        "dontcache" => "writer.io = dontcache",
        _ => "",
    };
}

/// <summary>One call that fails: the Nth of each thread, or from the Nth on.</summary>
internal sealed record SystemCallFault(FailingCall Call, string Copy, string Error, int Nth, bool Persists)
{
    public string Injection => $"inject={Call.Name}:error={Error}:when={Nth}{(Persists ? "+" : "")}";

    /// <summary>True when bytes or names can be lost, so the copy must not say that it is complete.</summary>
    public bool LosesWrites => Call.Lost.Split(' ').Contains(Error);

    public override string ToString() => $"{Copy} copy, {Injection}";

    /// <summary>
    /// Some faults of a call: the first, the middle and the last call once, and from the first and the last call on.
    /// The errors take turns. A call that is made once fails with each error.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="copy">The kind of copy.</param>
    /// <param name="count">How often a thread makes the call.</param>
    public static IEnumerable<SystemCallFault> Sample(FailingCall call, string copy, int count)
    {
        string[] once = [.. call.Errors.Split(' ').Select(e => e.TrimEnd('*'))];
        string[] persisting = [.. call.Errors.Split(' ').Where(e => !e.EndsWith('*'))];
        if (count == 1)
        {
            foreach (string error in once)
                yield return new SystemCallFault(call, copy, error, 1, Persists: false);
            yield break;
        }

        int turn = 0;
        foreach (int nth in new[] { 1, (count + 1) / 2, count }.Distinct())
            yield return new SystemCallFault(call, copy, once[turn++ % once.Length], nth, Persists: false);
        foreach (int nth in new[] { 1, count }.Distinct().Take(persisting.Length == 0 ? 0 : 2))
            yield return new SystemCallFault(call, copy, persisting[turn++ % persisting.Length], nth, Persists: true);
    }

    /// <summary>Every error of a call at every place.</summary>
    public static IEnumerable<SystemCallFault> Every(FailingCall call, string copy, int count) =>
        from error in call.Errors.Split(' ')
        from nth in Enumerable.Range(1, count)
        from persists in error.EndsWith('*') ? new[] { false } : [false, true]
        select new SystemCallFault(call, copy, error.TrimEnd('*'), nth, persists);
}
