
namespace BundleCopier.Settings;

/// <summary>The keys of the settings.</summary>
internal static class SettingKeys
{
    public const string Section = "bundle-copier";
    public const string Budget = "budget";
    public const string Checksum = "checksum";
    public const string ZeroDetection = "zero-detection";
    public const string ReaderMode = "reader.mode";
    public const string ReaderCore = "reader.core";
    public const string ReaderThreads = "reader.threads";
    public const string SourceTrust = "source.trust";
    public const string SourceMaxFiles = "source.max-files";
    public const string SourceMaxBytes = "source.max-bytes";
    public const string FactsEnviron = "facts.environ";
    public const string WriterThreads = "writer.threads";
    public const string WriterIo = "writer.io";
    public const string WriterMaxRate = "writer.max-rate";
    public const string Deadline = "deadline";
    public const string Compression = "compression";
    public const string CompressorThreads = "compressor.threads";
    public const string DestinationPrivacy = "destination.private";
    public const string DestinationTrust = "destination.trust";
    public const string DestinationKeepFree = "destination.keep-free";
    public const string DestinationWhenFull = "destination.when-full";
    public const string RetentionMaxUse = "destination.retention.max-use";
    public const string RetentionKeepFree = "destination.retention.keep-free";
    public const string RetentionMaxBundles = "destination.retention.max-bundles";
    public const string RetentionPartialMaxAge = "destination.retention.partial-max-age";
    public const string GovernorProfile = "governor.profile";
    public const string MemoryLock = "memory.lock";
    public const string Canary = "canary";
    public const string Scheduling = "process.scheduling";
    public const string Nice = "process.nice";
    public const string IoPriority = "process.io-priority";
    public const string OomScoreAdj = "process.oom-score-adj";
    public const string Protection = "process.protect";
    public const string Sandbox = "process.sandbox";
    public const string StallTimeout = "stall-timeout";
    public const string ProgressInterval = "progress-interval";
    public const string EngineBudget = "engine.budget";
    public const string EngineMaxConcurrentCopies = "engine.max-concurrent-copies";
    public const string EngineArmed = "engine.armed";
    public const string ServeDestination = "serve.destination";
    public const string ServeSpool = "serve.spool";
    public const string ServeControlSocket = "serve.control-socket";
    public const string ServeCoreSocket = "serve.core-socket";
    public const string ServeSharedMemory = "serve.shared-memory";
    public const string ServeStateDirectory = "serve.state-directory";
    public const string ServeLoopCrashes = "serve.crash-loop.max-crashes";
    public const string ServeLoopWindow = "serve.crash-loop.window";
    public const string ServeUserCrashes = "serve.per-user.max-crashes";
    public const string ServeUserTime = "serve.per-user.max-time";
    public const string ServeUserWindow = "serve.per-user.window";
    public const string ServeDeadline = "serve.deadline";
    public const string ServeMaxQueue = "serve.max-queue";
    public const string ServeStopTimeout = "serve.stop-timeout";
    public const string ServeOomScoreAdj = "serve.oom-score-adj";
    public const string IoDispatcher = "io-dispatcher";

    /// <summary>All keys, in the order of reference.conf.</summary>
    public static readonly IReadOnlyList<string> All =
        [
            Budget, Deadline, Checksum, ZeroDetection, Compression, SourceTrust, SourceMaxFiles,
            SourceMaxBytes, FactsEnviron, ReaderMode, ReaderThreads, ReaderCore, CompressorThreads,
            WriterThreads, WriterIo, WriterMaxRate, DestinationPrivacy, DestinationTrust, DestinationKeepFree,
            DestinationWhenFull, RetentionMaxUse, RetentionKeepFree, RetentionMaxBundles, RetentionPartialMaxAge,
            GovernorProfile, MemoryLock, Canary, Scheduling, Nice, IoPriority, OomScoreAdj, Protection, Sandbox,
            StallTimeout, ProgressInterval, EngineBudget, EngineMaxConcurrentCopies, EngineArmed,
            ServeDestination, ServeSpool, ServeControlSocket, ServeCoreSocket,
            ServeStateDirectory, ServeSharedMemory, ServeDeadline, ServeMaxQueue, ServeLoopCrashes, ServeLoopWindow,
            ServeUserCrashes, ServeUserTime, ServeUserWindow, ServeStopTimeout, ServeOomScoreAdj, IoDispatcher,
        ];

    /// <summary>The key with its section, for error messages.</summary>
    public static string Full(string key) => $"{Section}.{key}";

    /// <summary>The value that switches a limit off.</summary>
    public const string Off = "off";

    /// <summary>The value with which the engine chooses.</summary>
    public const string Auto = "auto";

    /// <summary>A sentence with the names of an enum.</summary>
    public static string Choices<T>()
        where T : struct, Enum => $"Give one of: {Names<T>()}.";

    /// <summary>The same sentence for a setting that can also be <see cref="Auto"/>.</summary>
    public static string ChoicesOrAuto<T>()
        where T : struct, Enum => $"Give one of: {Auto}, {Names<T>()}.";

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(static n => n.ToLowerInvariant()));
}
