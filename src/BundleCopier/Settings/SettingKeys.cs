
namespace BundleCopier.Settings;

/// <summary>The keys of the settings.</summary>
internal static class SettingKeys
{
    public const string Section = "bundle-copier";
    public const string Budget = "budget";
    public const string Checksum = "checksum";
    public const string ZeroDetection = "zero-detection";
    public const string ReaderMode = "reader.mode";
    public const string ReaderThreads = "reader.threads";
    public const string WriterThreads = "writer.threads";
    public const string WriterIo = "writer.io";
    public const string WriterMaxRate = "writer.max-rate";
    public const string Compression = "compression";
    public const string CompressorThreads = "compressor.threads";
    public const string DestinationPrivacy = "destination.private";
    public const string GovernorProfile = "governor.profile";
    public const string MemoryLock = "memory.lock";
    public const string Canary = "canary";
    public const string Scheduling = "process.scheduling";
    public const string Nice = "process.nice";
    public const string IoPriority = "process.io-priority";
    public const string OomScoreAdj = "process.oom-score-adj";
    public const string StallTimeout = "stall-timeout";
    public const string ProgressInterval = "progress-interval";
    public const string IoDispatcher = "io-dispatcher";

    /// <summary>All keys, in the order of reference.conf.</summary>
    public static readonly IReadOnlyList<string> All =
        [
            Budget, Checksum, ZeroDetection, Compression, ReaderMode, ReaderThreads, CompressorThreads, WriterThreads,
            WriterIo, WriterMaxRate, DestinationPrivacy, GovernorProfile, MemoryLock, Canary, Scheduling, Nice,
            IoPriority, OomScoreAdj, StallTimeout, ProgressInterval, IoDispatcher,
        ];

    /// <summary>The key with its section, for error messages.</summary>
    public static string Full(string key) => $"{Section}.{key}";

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
