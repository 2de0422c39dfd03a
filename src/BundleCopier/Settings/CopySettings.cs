using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Settings;

/// <summary>How the kernel's scheduler treats the threads of a copy (sched(7)).</summary>
public enum CpuScheduling
{
    /// <summary>SCHED_IDLE, as long as that is enough for the copy to get on.</summary>
    Auto,

    /// <summary>As the program was started.</summary>
    Keep,

    /// <summary>SCHED_BATCH: they get their share, and interrupt nobody when they wake up.</summary>
    Batch,

    /// <summary>SCHED_IDLE: they get what nobody else wants.</summary>
    Idle,
}

/// <summary>
/// The I/O priority of the threads of a copy (ioprio_set(2)), for disks whose I/O scheduler heeds it.
/// </summary>
public enum IoPriority
{
    /// <summary>As the program was started.</summary>
    Keep,

    /// <summary>The last level of the class that all are in.</summary>
    Low,

    /// <summary>What nobody else wants.</summary>
    Idle,
}

/// <summary>
/// The settings of a copy; each property starts with its default. What comes out of <see cref="SettingsReader"/> is
/// within the limits; whoever builds one in code asks <see cref="Problem"/>.
/// </summary>
public sealed record CopySettings
{
    /// <summary>One segment, in bytes: the unit in which the budget is handed out.</summary>
    public const long SegmentBytes = SegmentGrid.SegmentBytes;

    /// <summary>The smallest legal budget, in bytes: one segment being read while another is written.</summary>
    public const long MinBudgetBytes = 2 * ByteSize.MiB;

    /// <summary>The largest legal budget, in bytes.</summary>
    public const long MaxBudgetBytes = 4 * ByteSize.GiB;

    /// <summary>The lowest limit on what is written a second, in bytes.</summary>
    public const long MinRateBytes = ByteSize.MiB;

    /// <summary>The most threads of one kind.</summary>
    public const int MaxThreads = 16;

    /// <summary>The nice value of those who ask for least.</summary>
    public const int MaxNice = 19;

    /// <summary>The adjustment of what the kernel never ends.</summary>
    public const int MinOomScoreAdj = -1000;

    /// <summary>The adjustment of what the kernel ends first.</summary>
    public const int MaxOomScoreAdj = 1000;

    /// <summary>The adjustment of the program: as if it had half of the machine's memory.</summary>
    internal const int StandardOomScoreAdj = 500;

    /// <summary>The shortest time between two progress reports.</summary>
    public static readonly TimeSpan MinProgressInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest time between two progress reports.</summary>
    public static readonly TimeSpan MaxProgressInterval = TimeSpan.FromMinutes(1);

    /// <summary>The most data in flight at any moment, in bytes; a whole number of segments.</summary>
    public long BudgetBytes { get; init; } = 32 * ByteSize.MiB;

    /// <summary>Whether every file gets a checksum.</summary>
    public bool Checksum { get; init; } = true;

    /// <summary>Whether blocks of zeros become holes.</summary>
    public bool ZeroDetection { get; init; } = true;

    /// <summary>Whether files are compressed; a manifest's entry may say otherwise.</summary>
    public Compression Compression { get; init; } = Compression.None;

    /// <summary>The threads that compress, 1 to <see cref="MaxThreads"/>.</summary>
    public int CompressorThreads { get; init; } = 2;

    /// <summary>
    /// The most that is written a second, in bytes, at least <see cref="MinRateBytes"/>; null for no limit.
    /// </summary>
    public long? WriterMaxRateBytes { get; init; }

    /// <summary>How bytes travel from shared memory to the disk; null lets the engine choose (auto).</summary>
    public ReadMode? ReaderMode { get; init; }

    /// <summary>The threads that read, 1 to <see cref="MaxThreads"/>.</summary>
    public int ReaderThreads { get; init; } = 2;

    /// <summary>The threads that write, 1 to <see cref="MaxThreads"/>.</summary>
    public int WriterThreads { get; init; } = 2;

    /// <summary>
    /// How writes stay out of the page cache; null tries the ways in their order on the destination and takes the first
    /// that works (auto).
    /// </summary>
    public OutputIo? WriterIo { get; init; }

    /// <summary>How much the copy holds back for whoever else uses the machine.</summary>
    public GovernorProfile GovernorProfile { get; init; } = GovernorProfile.Balanced;

    /// <summary>
    /// Whether the process's memory is locked and brought in before the first byte is copied. It is the whole
    /// process's, and stays locked.
    /// </summary>
    public bool MemoryLock { get; init; }

    /// <summary>Whether a canary measures what neighbours feel, before the copy and while it runs.</summary>
    public bool Canary { get; init; }

    /// <summary>How the kernel's scheduler treats the threads of a copy.</summary>
    public CpuScheduling Scheduling { get; init; } = CpuScheduling.Auto;

    /// <summary>
    /// The nice value of the threads of a copy, at least: 1 to <see cref="MaxNice"/>; 0 to leave it as it is.
    /// </summary>
    public int Nice { get; init; }

    /// <summary>The I/O priority of the threads of a copy.</summary>
    public IoPriority IoPriority { get; init; } = IoPriority.Keep;

    /// <summary>
    /// How early the kernel ends the process where memory has run out, at least: <see cref="MinOomScoreAdj"/>, which
    /// leaves it as it is, to
    /// <see cref="MaxOomScoreAdj"/>. It is the whole process's, so null leaves an application that embeds the engine
    /// alone; the command line then takes <see cref="StandardOomScoreAdj"/>.
    /// </summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>The time between two progress reports.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The first setting that is out of its limits, or null when all are within.</summary>
    /// <param name="where">
    /// What the error message calls these settings: a file name, or whatever the caller's users know.
    /// </param>
    public InputError? Problem(string where) =>
        BudgetProblem(BudgetBytes) is (string problem, string mend)
            ? new InputError(where, SettingKeys.Full(SettingKeys.Budget), problem, mend)
            : ThreadsProblem(where, SettingKeys.ReaderThreads, ReaderThreads)
                ?? ThreadsProblem(where, SettingKeys.CompressorThreads, CompressorThreads)
                ?? ThreadsProblem(where, SettingKeys.WriterThreads, WriterThreads)
                ?? NotNamed(where, SettingKeys.Compression, Compression)
                ?? RateProblem(where)
                ?? NotNamedOrAuto(where, SettingKeys.ReaderMode, ReaderMode)
                ?? NotNamedOrAuto(where, SettingKeys.WriterIo, WriterIo)
                ?? NotNamed(where, SettingKeys.GovernorProfile, GovernorProfile)
                ?? NotNamed(where, SettingKeys.Scheduling, Scheduling)
                ?? NiceProblem(where)
                ?? NotNamed(where, SettingKeys.IoPriority, IoPriority)
                ?? OomScoreAdjProblem(where)
                ?? IntervalProblem(where);

    /// <summary>
    /// These settings with the budget that nobody gave: the default, or a quarter of the memory that the process may
    /// have where that is less. Three quarters are enough for the program, its heap and what the kernel keeps for it,
    /// down to 32 MiB (measured).
    /// </summary>
    /// <param name="heapLimitBytes">
    /// What the runtime lets the managed heap have: three quarters of a cgroup's limit, or all the machine's memory
    /// where there is none.
    /// </param>
    internal CopySettings WithStandardBudget(long heapLimitBytes) => this with
    {
        BudgetBytes = Math.Clamp(heapLimitBytes / 3 / SegmentBytes * SegmentBytes, MinBudgetBytes, BudgetBytes),
    };

    /// <summary>Reads a budget as a user writes it and checks its limits.</summary>
    /// <param name="text">The size, such as <c>32MiB</c>.</param>
    /// <param name="where">What an error message calls the place, such as <c>--budget</c> or a file name.</param>
    /// <param name="field">The field in it, or empty.</param>
    internal static Parsed<long> ParseBudget(string text, string where, string field = "")
    {
        if (!ByteSize.TryParse(text, out long sizeBytes))
            return new InputError(
                where, field, $"{Printable.Quoted(text)} is not a size", $"Give a size from {ByteSize.ToSetting(MinBudgetBytes)} to {ByteSize.ToSetting(MaxBudgetBytes)}, such as 32MiB.");
        return BudgetProblem(sizeBytes) is (string problem, string mend) ? new InputError(where, field, problem, mend)
            : sizeBytes;
    }

    private static (string Problem, string Mend)? BudgetProblem(long sizeBytes)
    {
        if (sizeBytes is < MinBudgetBytes or > MaxBudgetBytes)
            return ($"{ByteSize.ToSetting(sizeBytes)} is out of range",
                $"Give a size from {ByteSize.ToSetting(MinBudgetBytes)} to {ByteSize.ToSetting(MaxBudgetBytes)}.");
        // Rounding would be kinder to the hand that types, but then the receipt would state a budget that nobody gave.
        long below = sizeBytes / SegmentBytes * SegmentBytes;
        return below == sizeBytes ? null
            : ($"{ByteSize.ToSetting(sizeBytes)} is not a whole number of MiB",
            $"The nearest are {below / SegmentBytes}MiB and {(below / SegmentBytes) + 1}MiB.");
    }

    private static InputError? ThreadsProblem(string where, string key, int threads) =>
        threads is >= 1 and <= MaxThreads ? null
            : new InputError(
            where, SettingKeys.Full(key), $"{threads} is out of range", $"Give a whole number from 1 to {MaxThreads}.");

    private static InputError? NotNamed<T>(string where, string key, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? null
            : new InputError(where, SettingKeys.Full(key), $"{value} is not a known choice", SettingKeys.Choices<T>());

    private static InputError? NotNamedOrAuto<T>(string where, string key, T? value)
        where T : struct, Enum =>
        value is null || Enum.IsDefined(value.Value)
            ? null
            : new InputError(
                where, SettingKeys.Full(key), $"{value} is not a known choice", SettingKeys.ChoicesOrAuto<T>());

    private InputError? NiceProblem(string where) =>
        Nice is >= 0 and <= MaxNice ? null
            : new InputError(where, SettingKeys.Full(SettingKeys.Nice), $"{Nice} is out of range", NiceMend);

    internal static string NiceMend => $"Give a whole number from 0, which keeps it, to {MaxNice}.";

    private InputError? OomScoreAdjProblem(string where) =>
        OomScoreAdj is null or (>= MinOomScoreAdj and <= MaxOomScoreAdj)
        ? null
        : new InputError(
            where, SettingKeys.Full(SettingKeys.OomScoreAdj), $"{OomScoreAdj} is out of range", OomScoreAdjMend);

    internal static string OomScoreAdjMend =>
        $"Give auto, or a whole number from {MinOomScoreAdj}, which keeps it, to {MaxOomScoreAdj}.";

    private InputError? RateProblem(string where) => WriterMaxRateBytes is null or >= MinRateBytes
        ? null
        : new InputError(
            where, SettingKeys.Full(
            SettingKeys.WriterMaxRate), $"{ByteSize.ToSetting(WriterMaxRateBytes.Value)} is out of range", RateMend);

    internal static string RateMend =>
        $"Give off, or a size of at least {ByteSize.ToSetting(MinRateBytes)} that may be written a second, such as 200MiB.";

    private InputError? IntervalProblem(string where) =>
        ProgressInterval >= MinProgressInterval && ProgressInterval <= MaxProgressInterval
            ? null
            : new InputError(
                where, SettingKeys.Full(
                SettingKeys.ProgressInterval), $"{Duration.Format(ProgressInterval)} is out of range", $"Give a time from {Duration.Format(MinProgressInterval)} to {Duration.Format(MaxProgressInterval)}.");
}
