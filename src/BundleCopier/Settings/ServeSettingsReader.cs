using System.Globalization;
using Akka.Configuration;
using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>Reads <c>bundle-copier.serve</c>, over the defaults in reference.conf.</summary>
internal static class ServeSettingsReader
{
    private const string None = "none";

    /// <summary>Reads the settings of the server.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="where">What error messages call it.</param>
    public static Parsed<ServeSettings> Read(Config config, string where)
    {
        Parsed<Dictionary<string, string>> texts = HoconTree.ReadOverDefaults(config, where);
        return texts.IsOk ? Build(texts.Value, where) : texts.Error;
    }

    private static Parsed<ServeSettings> Build(Dictionary<string, string> texts, string where)
    {
        InputError? error = null;
        ServeSettings settings = new()
        {
            Destination = Path(SettingKeys.ServeDestination, None),
            Spool = Path(SettingKeys.ServeSpool) ?? "",
            ControlSocket = Path(SettingKeys.ServeControlSocket) ?? "",
            CoreSocket = Path(SettingKeys.ServeCoreSocket, SettingKeys.Off),
            StateDirectory = Path(SettingKeys.ServeStateDirectory) ?? "",
            SharedMemory = OnOff(SettingKeys.ServeSharedMemory),
            LoopCrashes = Number(SettingKeys.ServeLoopCrashes, 1, ServeSettings.MaxLoopCrashes),
            LoopWindow = Time(SettingKeys.ServeLoopWindow),
            UserCrashes = Number(SettingKeys.ServeUserCrashes, 1, ServeSettings.MaxUserCrashes),
            UserTime = Is(SettingKeys.ServeUserTime, SettingKeys.Off)
                ? null
                : Time(SettingKeys.ServeUserTime, "off, or "),
            UserWindow = Time(SettingKeys.ServeUserWindow),
            Deadline = Is(SettingKeys.ServeDeadline, SettingKeys.Off)
                ? null
                : Time(SettingKeys.ServeDeadline, "off, or "),
            MaxQueue = Number(SettingKeys.ServeMaxQueue, 1, ServeSettings.MaxMaxQueue),
            StopTimeout = Time(SettingKeys.ServeStopTimeout),
            OomScoreAdj = Number(
                SettingKeys.ServeOomScoreAdj, CopySettings.MinOomScoreAdj, CopySettings.MaxOomScoreAdj),
        };
        return error is null ? settings : error;

        bool Is(string key, string word) => texts[key].Equals(word, StringComparison.OrdinalIgnoreCase);

        bool OnOff(string key)
        {
            if (Is(key, "on") || Is(key, SettingKeys.Off))
                return Is(key, "on");
            error ??= Wrong(key, "is not on or off", "Give on or off.");
            return false;
        }

        string? Path(string key, string? word = null)
        {
            if (word is not null && Is(key, word))
                return null;
            if (texts[key] is ['/', _, ..] path && !path.Contains('\0'))
                return path;
            string mend = word is null ? "Give an absolute path." : $"Give {word}, or an absolute path.";
            error ??= Wrong(key, "is no absolute path", mend);
            return null;
        }

        TimeSpan Time(string key, string also = "")
        {
            if (Duration.TryParse(texts[key], out TimeSpan time)
                && time >= ServeSettings.MinTime && time <= ServeSettings.MaxTime)
            {
                return time;
            }

            (string min, string max) = (Duration.Format(ServeSettings.MinTime), Duration.Format(ServeSettings.MaxTime));
            string mend = $"Give {also}a time with its unit, from {min} to {max}.";
            error ??= Wrong(key, "is not a time within the limits", mend);
            return ServeSettings.MinTime;
        }

        int Number(string key, int min, int max)
        {
            if (int.TryParse(texts[key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                && number >= min && number <= max)
            {
                return number;
            }

            error ??= Wrong(key, "is not a number within the limits", $"Give a whole number from {min} to {max}.");
            return min;
        }

        InputError Wrong(string key, string problem, string mend) =>
            new(where, SettingKeys.Full(key), $"{Printable.Quoted(texts[key])} {problem}", mend);
    }
}
