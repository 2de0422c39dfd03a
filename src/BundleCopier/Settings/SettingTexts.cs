using System.Globalization;

namespace BundleCopier.Settings;

/// <summary>Settings as text by key, as a configuration would have them.</summary>
internal static class SettingTexts
{
    /// <summary>The text of each setting of a copy, in the order of reference.conf.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(CopySettings s) =>
    [
        new(SettingKeys.Budget, ByteSize.ToSetting(s.BudgetBytes)),
        new(SettingKeys.Deadline, TimeOrOff(s.Deadline)),
        new(SettingKeys.Checksum, Switch(s.Checksum)),
        new(SettingKeys.ZeroDetection, Switch(s.ZeroDetection)),
        new(SettingKeys.Compression, Name(s.Compression)),
        new(SettingKeys.CompressorThreads, Number(s.CompressorThreads)),
        new(SettingKeys.SourceTrust, Name(s.SourceTrust)),
        new(SettingKeys.SourceMaxFiles, Number(s.SourceMaxFiles)),
        new(SettingKeys.SourceMaxBytes, ByteSize.ToSetting(s.SourceMaxBytes)),
        new(SettingKeys.FactsEnviron, Name(s.FactsEnviron)),
        new(SettingKeys.ReaderMode, NameOrAuto(s.ReaderMode)),
        new(SettingKeys.ReaderThreads, Number(s.ReaderThreads)),
        new(SettingKeys.ReaderCore, Name(s.ReaderCore)),
        new(SettingKeys.WriterThreads, Number(s.WriterThreads)),
        new(SettingKeys.WriterIo, NameOrAuto(s.WriterIo)),
        new(SettingKeys.WriterMaxRate, s.WriterMaxRateBytes is { } rate ? ByteSize.ToSetting(rate) : SettingKeys.Off),
        new(SettingKeys.GovernorProfile, Name(s.GovernorProfile)),
        new(SettingKeys.MemoryLock, Switch(s.MemoryLock)),
        new(SettingKeys.DestinationPrivacy, Name(s.DestinationPrivacy)),
        new(SettingKeys.DestinationTrust, Name(s.DestinationTrust)),
        new(SettingKeys.DestinationKeepFree, s.DestinationKeepFree.ToString()),
        new(SettingKeys.DestinationWhenFull, Name(s.DestinationWhenFull)),
        new(SettingKeys.RetentionMaxUse, s.Retention.MaxUse?.ToString() ?? SettingKeys.Off),
        new(SettingKeys.RetentionKeepFree, s.Retention.KeepFree?.ToString() ?? SettingKeys.Off),
        new(
            SettingKeys.RetentionMaxBundles,
            s.Retention.MaxBundles is { } bundles ? Number(bundles) : SettingKeys.Off),
        new(SettingKeys.RetentionPartialMaxAge, TimeOrOff(s.Retention.PartialMaxAge)),
        new(SettingKeys.Canary, Switch(s.Canary)),
        new(SettingKeys.Scheduling, Name(s.Scheduling)),
        new(SettingKeys.Nice, Number(s.Nice)),
        new(SettingKeys.IoPriority, Name(s.IoPriority)),
        new(SettingKeys.OomScoreAdj, s.OomScoreAdj is { } score ? Number(score) : SettingKeys.Auto),
        new(SettingKeys.Protection, Name(s.Protection)),
        new(SettingKeys.Sandbox, Name(s.Sandbox)),
        new(SettingKeys.StallTimeout, Duration.Format(s.StallTimeout)),
        new(SettingKeys.ProgressInterval, Duration.Format(s.ProgressInterval)),
    ];

    /// <summary>The text of each setting of an engine.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(EngineSettings s) =>
    [
        new(SettingKeys.EngineBudget, s.BudgetBytes is { } budget ? ByteSize.ToSetting(budget) : SettingKeys.Auto),
        new(SettingKeys.EngineMaxConcurrentCopies, Number(s.MaxConcurrentCopies)),
        new(SettingKeys.EngineArmed, Switch(s.IsArmed)),
    ];

    private static string Switch(bool isOn) => isOn ? "on" : SettingKeys.Off;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string TimeOrOff(TimeSpan? time) => time is { } given ? Duration.Format(given) : SettingKeys.Off;

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string NameOrAuto<T>(T? value)
        where T : struct, Enum => value is { } given ? Name(given) : SettingKeys.Auto;
}
