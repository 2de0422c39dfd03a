namespace BundleCopier.Settings;

/// <summary>The settings of the crash server, beside those of its copies.</summary>
internal sealed record ServeSettings
{
    public const int MaxMaxQueue = 1024;
    public const int MaxLoopCrashes = 1000;
    public const int MaxUserCrashes = 1000;

    public static readonly TimeSpan MinTime = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxTime = TimeSpan.FromHours(24);

    /// <summary>The directory that gets the bundles; null where none is set.</summary>
    public string? Destination { get; init; }

    /// <summary>The directory into which manifests are renamed.</summary>
    public string Spool { get; init; } = "/run/bundlecopy/spool";

    /// <summary>The socket for questions about the state, and for cores from the pipe.</summary>
    public string ControlSocket { get; init; } = "/run/bundlecopy/control.sock";

    /// <summary>The socket to which the kernel sends cores; null for none.</summary>
    public string? CoreSocket { get; init; } = "/run/bundlecopy/core.sock";

    /// <summary>The directory that keeps what core_pattern was before.</summary>
    public string StateDirectory { get; init; } = "/var/lib/bundlecopy";

    /// <summary>The shared memory of a crashed process is copied, too.</summary>
    public bool SharedMemory { get; init; } = true;

    /// <summary>The most crashes of one program that are kept within <see cref="LoopWindow"/>.</summary>
    public int LoopCrashes { get; init; } = 3;

    public TimeSpan LoopWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most crashes of one user that are kept within <see cref="UserWindow"/>.</summary>
    public int UserCrashes { get; init; } = 32;

    /// <summary>How long the copies of one user's crashes may take within the window; null for no limit.</summary>
    public TimeSpan? UserTime { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan UserWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a crash may take, from its arrival; null for no limit.</summary>
    public TimeSpan? Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most crashes that wait.</summary>
    public int MaxQueue { get; init; } = 64;

    /// <summary>How long a running copy may go on after the server was told to stop.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The server's oom_score_adj while it is idle.</summary>
    public int OomScoreAdj { get; init; } = -500;
}
