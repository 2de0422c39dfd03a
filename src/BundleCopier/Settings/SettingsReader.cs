using System.Globalization;
using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Settings;

/// <summary>
/// Reads settings from HOCON over the defaults in reference.conf. Unknown keys in <c>bundle-copier</c> are errors;
/// other sections are ignored.
/// </summary>
public static class SettingsReader
{
    // The parser calls itself for each brace. The native program's usual stacks are smaller.
    private const int ParserStackBytes = 8 << 20;

    // Parsing a configuration of a few hundred bytes takes milliseconds, also on an overloaded machine.
    private static readonly TimeSpan ParserLimit = TimeSpan.FromSeconds(5);

    /// <summary>Reads settings from a parsed configuration, such as an actor system's.</summary>
    /// <param name="userConfig">The configuration; keys outside of <c>bundle-copier</c> are ignored.</param>
    /// <param name="where">What error messages call it.</param>
    public static Parsed<CopySettings> Read(Config userConfig, string where)
    {
        Parsed<Dictionary<string, string>> texts = HoconTree.ReadOverDefaults(userConfig, where);
        return texts.IsOk ? Build(texts.Value, _ => where) : texts.Error;
    }

    /// <summary>Reads settings from text.</summary>
    /// <param name="hocon">The text of a configuration file; empty for all defaults.</param>
    /// <param name="where">What error messages call it, such as <c>bundle.hocon</c>.</param>
    public static Parsed<CopySettings> ReadText(string hocon, string where)
    {
        Parsed<Config> config = ParseText(hocon, where);
        return config.IsOk ? Read(config.Value, where) : config.Error;
    }

    /// <summary>Parses the text of a configuration, for an actor system that needs the other sections too.</summary>
    /// <param name="hocon">The text.</param>
    /// <param name="where">What error messages call it.</param>
    internal static Parsed<Config> ParseText(string hocon, string where)
    {
        // A byte order mark would become part of the first key.
        hocon = hocon.TrimStart('\uFEFF');
        if (HoconCheck.Problem(hocon, where) is InputError problem)
            return problem;
        // HoconCheck has refused the texts that are known to keep the parser busy for ever; this is for unknown ones.
        // The thread cannot be stopped, but it is a background thread, and the user gets an answer.
        Parsed<Config>? parsed = null;
        Thread parser = new(() => Volatile.Write(ref parsed, Parse(hocon, where)), ParserStackBytes)
        {
            IsBackground = true,
            Name = "hocon-parser",
        };
        parser.Start();
        parser.Join(ParserLimit);
        return Volatile.Read(ref parsed)
            ?? new InputError(
                where,
                "",
                "keeps the parser busy without an end",
                "Look for a list or a bracket that is not HOCON; compare it with bundle.hocon.");
    }

    internal const string SwitchMend = "Give on or off.";

    /// <summary>Reads a switch; null when the text is none.</summary>
    internal static bool? SwitchOf(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => null,
    };

    private static Parsed<Config> Parse(string hocon, string where)
    {
        try
        {
            return ConfigurationFactory.ParseString(hocon);
        }
#pragma warning disable CA1031 // Akka's parser documents no exceptions, and throws many kinds.
        catch (Exception e)
#pragma warning restore CA1031
        {
            string reason = Printable.Shortened(e.Message.ReplaceLineEndings(" ").Trim());
            return new InputError(where, "", $"is not valid HOCON: {reason}", "Compare it with bundle.hocon.");
        }
    }

    /// <summary>Makes settings of their texts.</summary>
    /// <param name="texts">The text of each key.</param>
    /// <param name="where">What error messages call the place of a key.</param>
    internal static Parsed<CopySettings> Build(Dictionary<string, string> texts, Func<string, string> where)
    {
        InputError? error = null;
        CopySettings settings = new()
        {
            BudgetBytes = Take(CopySettings.ParseBudget(
                texts[SettingKeys.Budget], where(SettingKeys.Budget), SettingKeys.Full(SettingKeys.Budget))),
            Deadline = Take(CopySettings.ParseDeadline(
                texts[SettingKeys.Deadline],
                where(SettingKeys.Deadline),
                SettingKeys.Full(SettingKeys.Deadline))).Time,
            Checksum = Take(Switch(SettingKeys.Checksum)),
            ZeroDetection = Take(Switch(SettingKeys.ZeroDetection)),
            Compression = TakeChoice<Compression>(SettingKeys.Compression),
            CompressorThreads = Take(Threads(SettingKeys.CompressorThreads)),
            WriterMaxRateBytes = TakeRate(),
            SourceTrust = TakeChoice<SourceTrust>(SettingKeys.SourceTrust),
            SourceMaxFiles = Take(Number(SettingKeys.SourceMaxFiles, CopySettings.SourceMaxFilesMend)),
            SourceMaxBytes = Take(Size(SettingKeys.SourceMaxBytes, CopySettings.SourceMaxBytesMend)),
            FactsEnviron = TakeChoice<FactsEnviron>(SettingKeys.FactsEnviron),
            ReaderMode = TakeOrAuto<ReadMode>(SettingKeys.ReaderMode),
            ReaderCore = TakeChoice<CoreReader>(SettingKeys.ReaderCore),
            ReaderThreads = Take(Threads(SettingKeys.ReaderThreads)),
            WriterThreads = Take(Threads(SettingKeys.WriterThreads)),
            WriterIo = TakeOrAuto<OutputIo>(SettingKeys.WriterIo),
            DestinationPrivacy = TakeChoice<DestinationPrivacy>(SettingKeys.DestinationPrivacy),
            DestinationTrust = TakeChoice<DestinationTrust>(SettingKeys.DestinationTrust),
            DestinationKeepFree = TakeAmount(SettingKeys.DestinationKeepFree) ?? DiskAmount.None,
            DestinationWhenFull = TakeChoice<WhenFull>(SettingKeys.DestinationWhenFull),
            Retention = new RetentionSettings
            {
                MaxUse = TakeAmount(SettingKeys.RetentionMaxUse),
                KeepFree = TakeAmount(SettingKeys.RetentionKeepFree),
                MaxBundles = IsOff(SettingKeys.RetentionMaxBundles)
                    ? null
                    : Take(Number(SettingKeys.RetentionMaxBundles, RetentionSettings.BundlesMend)),
                PartialMaxAge = TakeAge(),
            },
            GovernorProfile = TakeChoice<GovernorProfile>(SettingKeys.GovernorProfile),
            MemoryLock = Take(Switch(SettingKeys.MemoryLock)),
            Canary = Take(Switch(SettingKeys.Canary)),
            Scheduling = TakeChoice<CpuScheduling>(SettingKeys.Scheduling),
            Nice = Take(Number(SettingKeys.Nice, CopySettings.NiceMend)),
            IoPriority = TakeChoice<IoPriority>(SettingKeys.IoPriority),
            OomScoreAdj = TakeOomScoreAdj(),
            Protection = TakeChoice<ProcessProtection>(SettingKeys.Protection),
            Sandbox = TakeChoice<ProcessSandbox>(SettingKeys.Sandbox),
            StallTimeout = Take(Time(SettingKeys.StallTimeout, CopySettings.StallLimits)),
            ProgressInterval = Take(Time(SettingKeys.ProgressInterval, CopySettings.IntervalLimits)),
        };
        error ??= settings.Problem("") is { } problem
            ? problem with { Where = where(problem.Field[(SettingKeys.Section.Length + 1)..]) }
            : null;
        return error is null ? settings : error;

        // Only the first error is reported.
        T Take<T>(Parsed<T> parsed)
            where T : struct
        {
            error ??= parsed.Error;
            return parsed.Value;
        }

        long? TakeRate()
        {
            if (IsOff(SettingKeys.WriterMaxRate))
                return null;
            string text = texts[SettingKeys.WriterMaxRate];
            if (ByteSize.TryParse(text, out long bytes))
            {
                if (!CopySettings.IsRate(bytes) && ByteSize.Meant(text) is string meant)
                {
                    error ??= new InputError(
                        where(SettingKeys.WriterMaxRate),
                        SettingKeys.Full(SettingKeys.WriterMaxRate),
                        $"{text} is bytes",
                        $"{meant} {CopySettings.RateMend}");
                }

                return bytes;
            }

            error ??= Wrong(SettingKeys.WriterMaxRate, "is not a rate", CopySettings.RateMend);
            return null;
        }

        DiskAmount? TakeAmount(string key)
        {
            if (IsOff(key))
                return null;
            DiskAmount? amount = DiskAmount.Parse(texts[key]);
            if (amount is null)
                error ??= Wrong(key, "is not an amount of space", RetentionSettings.AmountMend);
            return amount;
        }

        TimeSpan? TakeAge()
        {
            const string key = SettingKeys.RetentionPartialMaxAge;
            return IsOff(key) ? null
                : Duration.TryParse(texts[key], out TimeSpan age) ? age
                : Take<TimeSpan>(Wrong(key, "is not a time", RetentionSettings.AgeMend));
        }

        bool IsOff(string key) => texts[key].Equals(SettingKeys.Off, StringComparison.OrdinalIgnoreCase);

        bool IsAuto(string key) => texts[key].Equals(SettingKeys.Auto, StringComparison.OrdinalIgnoreCase);

        T TakeChoice<T>(string key)
            where T : struct, Enum => Take(Choice<T>(key, SettingKeys.Choices<T>()));

        T? TakeOrAuto<T>(string key)
            where T : struct, Enum => IsAuto(key) ? null : Take(Choice<T>(key, SettingKeys.ChoicesOrAuto<T>()));

        int? TakeOomScoreAdj() => IsAuto(SettingKeys.OomScoreAdj)
            ? null
            : Take(Number(SettingKeys.OomScoreAdj, CopySettings.OomScoreAdjMend));

        Parsed<int> Number(string key, string mend) =>
            int.TryParse(texts[key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                ? number
                : Wrong(key, "is not a whole number", mend);

        Parsed<long> Size(string key, string mend) =>
            ByteSize.TryParse(texts[key], out long bytes) ? bytes : Wrong(key, "is not a size", mend);

        Parsed<bool> Switch(string key) => SwitchOf(texts[key]) is { } isOn
            ? isOn
            : Wrong(key, "is not a switch", SwitchMend);

        Parsed<T> Choice<T>(string key, string mend)
            where T : struct, Enum
        {
            string[] names = Enum.GetNames<T>();
            int at = Array.FindIndex(names, n => n.Equals(texts[key], StringComparison.OrdinalIgnoreCase));
            return at >= 0 ? Enum.GetValues<T>()[at] : Wrong(key, "is not a known choice", mend);
        }

        Parsed<int> Threads(string key) =>
            int.TryParse(texts[key], NumberStyles.None, CultureInfo.InvariantCulture, out int threads)
                ? threads
                : Wrong(key, "is not a number of threads", $"Give a whole number from 1 to {CopySettings.MaxThreads}.");

        Parsed<TimeSpan> Time(string key, string limits) => Duration.TryParse(texts[key], out TimeSpan time)
            ? time
            : Wrong(key, "is not a time", $"Give a time with its unit, {limits}.");

        InputError Wrong(string key, string problem, string mend) =>
            new(where(key), SettingKeys.Full(key), $"{Printable.Quoted(texts[key])} {problem}", mend);
    }
}
