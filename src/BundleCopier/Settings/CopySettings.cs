using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Settings;

/// <summary>
/// The settings of a copy. Each property starts with its default. <see cref="SettingsReader"/> gives only settings that
/// are within the limits; code that makes settings can ask <see cref="Problem"/>.
/// </summary>
public sealed record CopySettings
{
    /// <summary>The size of a segment in bytes, which is the unit of the budget.</summary>
    public const long SegmentBytes = SegmentGrid.SegmentBytes;

    /// <summary>The smallest budget in bytes: one segment is read while another is written.</summary>
    public const long MinBudgetBytes = 2 * ByteSize.MiB;

    /// <summary>The largest budget in bytes.</summary>
    public const long MaxBudgetBytes = 4 * ByteSize.GiB;

    /// <summary>The smallest limit on the bytes written a second.</summary>
    public const long MinRateBytes = ByteSize.MiB;

    /// <summary>The most threads of one kind.</summary>
    public const int MaxThreads = 16;

    /// <summary>The largest nice value: the lowest priority.</summary>
    public const int MaxNice = 19;

    /// <summary>The smallest adjustment: the kernel never ends the process.</summary>
    public const int MinOomScoreAdj = -1000;

    /// <summary>The largest adjustment: the kernel ends the process first.</summary>
    public const int MaxOomScoreAdj = 1000;

    /// <summary>The adjustment of the program: as if it used half of the machine's memory.</summary>
    internal const int StandardOomScoreAdj = 500;

    /// <summary>The largest limit on the files of one pattern.</summary>
    public const int MaxSourceFiles = 1_000_000;

    /// <summary>The shortest deadline.</summary>
    public static readonly TimeSpan MinDeadline = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest deadline.</summary>
    public static readonly TimeSpan MaxDeadline = TimeSpan.FromHours(24);

    /// <summary>The shortest time between two progress reports.</summary>
    public static readonly TimeSpan MinProgressInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest time between two progress reports.</summary>
    public static readonly TimeSpan MaxProgressInterval = TimeSpan.FromMinutes(1);

    /// <summary>The shortest time after which a system call counts as hung.</summary>
    public static readonly TimeSpan MinStallTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The longest time after which a system call counts as hung.</summary>
    public static readonly TimeSpan MaxStallTimeout = TimeSpan.FromHours(1);

    /// <summary>The largest amount of data in flight, in bytes; a whole number of segments.</summary>
    public long BudgetBytes { get; init; } = 32 * ByteSize.MiB;

    /// <summary>
    /// How long the copy may take, from <see cref="MinDeadline"/> to <see cref="MaxDeadline"/>; null for no limit. When
    /// it has passed, what is there is committed within about a second, and the bundle is <c>partial</c>.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How much of <see cref="Deadline"/> was over when the copy began.</summary>
    internal TimeSpan DeadlineSpent { get; init; }

    /// <summary>What is left of <see cref="Deadline"/> when the copy begins.</summary>
    internal TimeSpan DeadlineRest =>
        Deadline is { } time && time > DeadlineSpent ? time - DeadlineSpent : TimeSpan.Zero;

    /// <summary>Whether every file gets a checksum.</summary>
    public bool Checksum { get; init; } = true;

    /// <summary>Whether blocks of zeros become holes.</summary>
    public bool ZeroDetection { get; init; } = true;

    /// <summary>Whether files are compressed. An entry of a manifest can override it.</summary>
    public Compression Compression { get; init; } = Compression.None;

    /// <summary>The threads that compress, 1 to <see cref="MaxThreads"/>.</summary>
    public int CompressorThreads { get; init; } = 2;

    /// <summary>
    /// The limit on the bytes written a second, at least <see cref="MinRateBytes"/>; null for no limit.
    /// </summary>
    public long? WriterMaxRateBytes { get; init; }

    /// <summary>Which files a pattern may find.</summary>
    public SourceTrust SourceTrust { get; init; } = SourceTrust.Owner;

    /// <summary>What the facts about a process have of its environment.</summary>
    public FactsEnviron FactsEnviron { get; init; } = FactsEnviron.Names;

    /// <summary>The most files that one pattern copies, 1 to <see cref="MaxSourceFiles"/>.</summary>
    public int SourceMaxFiles { get; init; } = 250_000;

    /// <summary>The most data that one pattern copies, in bytes; at least 1.</summary>
    public long SourceMaxBytes { get; init; } = 1024 * ByteSize.GiB;

    /// <summary>How bytes travel from shared memory to the disk; null lets the engine choose (auto).</summary>
    public ReadMode? ReaderMode { get; init; }

    /// <summary>Where the bytes of a core come from.</summary>
    public CoreReader ReaderCore { get; init; } = CoreReader.Memory;

    /// <summary>The threads that read, 1 to <see cref="MaxThreads"/>.</summary>
    public int ReaderThreads { get; init; } = 2;

    /// <summary>The threads that write, 1 to <see cref="MaxThreads"/>.</summary>
    public int WriterThreads { get; init; } = 2;

    /// <summary>
    /// How writes stay out of the page cache. With null (auto), the engine tries the ways in their order at the
    /// destination and takes the first that works.
    /// </summary>
    public OutputIo? WriterIo { get; init; }

    /// <summary>How much the copy holds back for other programs.</summary>
    public GovernorProfile GovernorProfile { get; init; } = GovernorProfile.Balanced;

    /// <summary>What to do where the destination cannot keep other users out of the bundle.</summary>
    public DestinationPrivacy DestinationPrivacy { get; init; } = DestinationPrivacy.Prefer;

    /// <summary>Which destinations are used.</summary>
    public DestinationTrust DestinationTrust { get; init; } = DestinationTrust.Strict;

    /// <summary>Free space that the copy leaves on the filesystem of the destination.</summary>
    public DiskAmount DestinationKeepFree { get; init; } = DiskAmount.None;

    /// <summary>What to do with files that would be stored raw when not all of them fit.</summary>
    public WhenFull DestinationWhenFull { get; init; } = WhenFull.Drop;

    /// <summary>
    /// Whether a bundle of this name that exists already is replaced: the old one is removed after the new one is
    /// durable. There is no such key in the configuration, because a bundle is only replaced when a user asks for it.
    /// </summary>
    public bool Replace { get; init; }

    /// <summary>Which older bundles of the destination are removed after the commit.</summary>
    public RetentionSettings Retention { get; init; } = new();

    /// <summary>
    /// Whether all memory of the process is brought in and locked before the first byte is copied. It stays locked.
    /// </summary>
    public bool MemoryLock { get; init; }

    /// <summary>
    /// Whether a canary measures the latency of small writes and program starts, before and during the copy.
    /// </summary>
    public bool Canary { get; init; }

    /// <summary>How the kernel's scheduler treats the threads of a copy.</summary>
    public CpuScheduling Scheduling { get; init; } = CpuScheduling.Auto;

    /// <summary>The process does nothing but copy; an application that embeds the engine does more.</summary>
    internal bool OwnsProcess { get; init; }

    /// <summary>Who makes the bundle, for the receipt; null where nothing is said.</summary>
    internal ReceiptOrigin? Origin { get; init; }

    /// <summary>
    /// A bug that a test plants, to see that the checks notice it: a writer that dies does not wait for its writes in
    /// flight. No setting sets it.
    /// </summary>
    internal bool DyingWriterLeavesItsWrites { get; init; }

    /// <summary>
    /// Called as soon as the bundle is committed, with whether it is complete. On a thread of the copy; must not throw.
    /// </summary>
    internal Action<bool>? WhenCommitted { get; init; }

    /// <summary>
    /// Whether what a killed run has left of the bundle is removed. Otherwise the copy goes on from there, where the
    /// sources are unchanged.
    /// </summary>
    public bool StartsFresh { get; init; }

    /// <summary>
    /// The smallest nice value of the threads of a copy: 1 to <see cref="MaxNice"/>; 0 to leave it as it is.
    /// </summary>
    public int Nice { get; init; }

    /// <summary>The I/O priority of the threads of a copy.</summary>
    public IoPriority IoPriority { get; init; } = IoPriority.Keep;

    /// <summary>
    /// The smallest oom_score_adj of the process: from <see cref="MinOomScoreAdj"/>, which leaves it as it is, to
    /// <see cref="MaxOomScoreAdj"/>. The kernel ends a process with a larger one earlier when memory has run out. Null
    /// leaves an application that embeds the engine alone; the program then takes 500.
    /// </summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>Whether other processes are kept out of this one.</summary>
    public ProcessProtection Protection { get; init; } = ProcessProtection.Auto;

    /// <summary>
    /// Whether the program gives up what it does not need. It has no effect on an application that embeds the engine.
    /// </summary>
    public ProcessSandbox Sandbox { get; init; } = ProcessSandbox.Auto;

    /// <summary>
    /// How long a system call on a source or on the destination may take before it counts as hung: from <see
    /// cref="MinStallTimeout"/> to <see cref="MaxStallTimeout"/>. A source that hangs costs its file, a destination
    /// that hangs ends the copy.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time between two progress reports.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The first setting that is out of its limits; null when all are within.</summary>
    /// <param name="where">What the error message calls these settings, such as a file name.</param>
    public InputError? Problem(string where) =>
        BudgetProblem(BudgetBytes, ByteSize.ToSetting(BudgetBytes)) is (string problem, string mend)
            ? new InputError(where, SettingKeys.Full(SettingKeys.Budget), problem, mend)
            : ThreadsProblem(where, SettingKeys.ReaderThreads, ReaderThreads)
                ?? ThreadsProblem(where, SettingKeys.CompressorThreads, CompressorThreads)
                ?? ThreadsProblem(where, SettingKeys.WriterThreads, WriterThreads)
                ?? NotNamed(where, SettingKeys.Compression, Compression)
                ?? NotNamed(where, SettingKeys.SourceTrust, SourceTrust)
                ?? SourceLimitProblem(where)
                ?? NotNamed(where, SettingKeys.FactsEnviron, FactsEnviron)
                ?? RateProblem(where)
                ?? NotNamedOrAuto(where, SettingKeys.ReaderMode, ReaderMode)
                ?? NotNamed(where, SettingKeys.ReaderCore, ReaderCore)
                ?? NotNamedOrAuto(where, SettingKeys.WriterIo, WriterIo)
                ?? NotNamed(where, SettingKeys.GovernorProfile, GovernorProfile)
                ?? NotNamed(where, SettingKeys.DestinationPrivacy, DestinationPrivacy)
                ?? NotNamed(where, SettingKeys.DestinationTrust, DestinationTrust)
                ?? NotNamed(where, SettingKeys.DestinationWhenFull, DestinationWhenFull)
                ?? NotNamed(where, SettingKeys.Scheduling, Scheduling)
                ?? NiceProblem(where)
                ?? NotNamed(where, SettingKeys.IoPriority, IoPriority)
                ?? OomScoreAdjProblem(where)
                ?? NotNamed(where, SettingKeys.Protection, Protection)
                ?? NotNamed(where, SettingKeys.Sandbox, Sandbox)
                ?? Retention.Problem(where)
                ?? TimeProblem(where, SettingKeys.StallTimeout, StallTimeout, MinStallTimeout, MaxStallTimeout)
                ?? TimeProblem(
                    where, SettingKeys.ProgressInterval, ProgressInterval, MinProgressInterval, MaxProgressInterval)
                ?? (Deadline is { } time
                    ? TimeProblem(where, SettingKeys.Deadline, time, MinDeadline, MaxDeadline)
                    : null);

    /// <summary>
    /// These settings with the standard budget, for users who give none: the default, or a quarter of the memory that
    /// the process may use where that is less. The other three quarters are enough for the program, its heap and what
    /// the kernel keeps for it, down to 32 MiB (measured).
    /// </summary>
    /// <param name="heapLimitBytes">
    /// The runtime's limit for the managed heap: three quarters of a cgroup's limit, or all the machine's memory where
    /// there is none.
    /// </param>
    internal CopySettings WithStandardBudget(long heapLimitBytes) => this with
    {
        BudgetBytes = Math.Clamp(heapLimitBytes / 3 / SegmentBytes * SegmentBytes, MinBudgetBytes, BudgetBytes),
    };

    /// <summary>Reads a budget as a user writes it and checks its limits.</summary>
    /// <param name="text">The size, such as <c>32MiB</c>.</param>
    /// <param name="where">Where it was given, for an error message: <c>--budget</c> or a file name.</param>
    /// <param name="field">The field in the file, or empty.</param>
    internal static Parsed<long> ParseBudget(string text, string where, string field = "")
    {
        if (!ByteSize.TryParse(text, out long sizeBytes))
        {
            return new InputError(
                where, field, $"{Printable.Quoted(text)} is not a size", $"Give a size {BudgetLimits}, such as 32MiB.");
        }

        if (sizeBytes < MinBudgetBytes && ByteSize.Meant(text.Trim()) is string meant)
            return new InputError(where, field, $"{text.Trim()} is bytes", $"{meant} Give a size {BudgetLimits}.");
        return BudgetProblem(sizeBytes, text.Trim()) is (string problem, string mend)
            ? new InputError(where, field, problem, mend)
            : sizeBytes;
    }

    private static string BudgetLimits =>
        $"from {ByteSize.ToSetting(MinBudgetBytes)} to {ByteSize.ToSetting(MaxBudgetBytes)}";

    private static (string Problem, string Mend)? BudgetProblem(long sizeBytes, string shown)
    {
        if (sizeBytes is < MinBudgetBytes or > MaxBudgetBytes)
            return ($"{shown} is out of range", $"Give a size {BudgetLimits}.");
        // Not rounded: the receipt would have another budget than the user gave.
        long below = sizeBytes / SegmentBytes * SegmentBytes;
        return below == sizeBytes ? null : (
            $"{shown} is not a whole number of MiB",
            $"The nearest are {below / SegmentBytes}MiB and {(below / SegmentBytes) + 1}MiB.");
    }

    private static InputError? ThreadsProblem(string where, string key, int threads) =>
        threads is >= 1 and <= MaxThreads
            ? null
            : OutOfRange(where, key, $"{threads}", $"Give a whole number from 1 to {MaxThreads}.");

    private static InputError? NotNamed<T>(string where, string key, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? null : Unknown(where, key, $"{value}", SettingKeys.Choices<T>());

    private static InputError? NotNamedOrAuto<T>(string where, string key, T? value)
        where T : struct, Enum =>
        value is null || Enum.IsDefined(value.Value)
            ? null
            : Unknown(where, key, $"{value}", SettingKeys.ChoicesOrAuto<T>());

    private static InputError OutOfRange(string where, string key, string value, string mend) =>
        new(where, SettingKeys.Full(key), $"{value} is out of range", mend);

    private static InputError Unknown(string where, string key, string value, string mend) =>
        new(where, SettingKeys.Full(key), $"{value} is not a known choice", mend);

    private InputError? NiceProblem(string where) =>
        Nice is >= 0 and <= MaxNice ? null : OutOfRange(where, SettingKeys.Nice, $"{Nice}", NiceMend);

    internal static string NiceMend => $"Give a whole number from 0, which keeps it, to {MaxNice}.";

    private InputError? OomScoreAdjProblem(string where) =>
        OomScoreAdj is null or (>= MinOomScoreAdj and <= MaxOomScoreAdj)
            ? null
            : OutOfRange(where, SettingKeys.OomScoreAdj, $"{OomScoreAdj}", OomScoreAdjMend);

    internal static string OomScoreAdjMend =>
        $"Give auto, or a whole number from {MinOomScoreAdj}, which keeps it, to {MaxOomScoreAdj}.";

    private InputError? SourceLimitProblem(string where) =>
        SourceMaxFiles is < 1 or > MaxSourceFiles
            ? OutOfRange(where, SettingKeys.SourceMaxFiles, $"{SourceMaxFiles}", SourceMaxFilesMend)
        : SourceMaxBytes < 1
            ? OutOfRange(where, SettingKeys.SourceMaxBytes, $"{SourceMaxBytes}", SourceMaxBytesMend)
        : null;

    internal static string SourceMaxFilesMend => $"Give a whole number from 1 to {MaxSourceFiles}.";

    internal static string SourceMaxBytesMend => "Give a size of at least 1 byte, such as 100GiB.";

    private InputError? RateProblem(string where) => WriterMaxRateBytes is null or >= MinRateBytes
        ? null
        : OutOfRange(where, SettingKeys.WriterMaxRate, ByteSize.ToSetting(WriterMaxRateBytes.Value), RateMend);

    /// <summary>True for a rate that is allowed.</summary>
    internal static bool IsRate(long bytes) => bytes >= MinRateBytes;

    internal static string RateMend =>
        $"Give off, or a size of at least {ByteSize.ToSetting(MinRateBytes)} that may be written a second, "
        + "such as 200MiB.";

    internal static string IntervalLimits => Limits(MinProgressInterval, MaxProgressInterval);

    internal static string DeadlineLimits => Limits(MinDeadline, MaxDeadline);

    /// <summary>Reads a deadline as a user writes it and checks its limits.</summary>
    /// <param name="text">The time, such as <c>30s</c>, or <c>off</c>.</param>
    /// <param name="where">Where it was given, for an error message.</param>
    /// <param name="field">The field in the file, or empty.</param>
    /// <returns>The time; null within where there is none.</returns>
    internal static Parsed<DeadlineChoice> ParseDeadline(string text, string where, string field = "")
    {
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return new DeadlineChoice(null);
        string mend = $"Give off, or a time with its unit, {DeadlineLimits}, such as 30s.";
        if (!Duration.TryParse(text, out TimeSpan time))
            return new InputError(where, field, $"{Printable.Quoted(text)} is not a time", mend);
        return IsWithin(time, MinDeadline, MaxDeadline)
            ? new DeadlineChoice(time)
            : new InputError(where, field, $"{Printable.Quoted(text)} is out of range", mend);
    }

    private static bool IsWithin(TimeSpan time, TimeSpan min, TimeSpan max) => time >= min && time <= max;

    internal static string StallLimits => Limits(MinStallTimeout, MaxStallTimeout);

    private static string Limits(TimeSpan min, TimeSpan max) =>
        $"from {Duration.Format(min)} to {Duration.Format(max)}";

    private static InputError? TimeProblem(string where, string key, TimeSpan time, TimeSpan min, TimeSpan max) =>
        IsWithin(time, min, max)
            ? null
            : OutOfRange(where, key, Duration.Format(time), $"Give a time {Limits(min, max)}.");
}

/// <summary>A deadline that a user has given; no time means that there is none.</summary>
internal readonly record struct DeadlineChoice(TimeSpan? Time);
