using System.Globalization;
using Akka.Configuration;
using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>Reads <c>bundle-copier.engine</c>, over the defaults in reference.conf.</summary>
internal static class EngineSettingsReader
{
    /// <summary>Reads the settings of an engine.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="where">What error messages call it.</param>
    public static Parsed<EngineSettings> Read(Config config, string where)
    {
        Parsed<Dictionary<string, string>> texts = HoconTree.ReadOverDefaults(config, where);
        return texts.IsOk ? Build(texts.Value, _ => where) : texts.Error;
    }

    /// <summary>Makes settings of their texts.</summary>
    /// <param name="texts">The text of each key.</param>
    /// <param name="where">What error messages call the place of a key.</param>
    public static Parsed<EngineSettings> Build(Dictionary<string, string> texts, Func<string, string> where)
    {
        string budget = texts[SettingKeys.EngineBudget];
        long? budgetBytes = null;
        if (!budget.Equals(SettingKeys.Auto, StringComparison.OrdinalIgnoreCase))
        {
            if (!ByteSize.TryParse(budget, out long bytes))
                return Wrong(SettingKeys.EngineBudget, "is not a size", EngineSettings.BudgetMend);
            budgetBytes = bytes;
        }

        string copies = texts[SettingKeys.EngineMaxConcurrentCopies];
        if (!int.TryParse(copies, NumberStyles.None, CultureInfo.InvariantCulture, out int most))
            return Wrong(SettingKeys.EngineMaxConcurrentCopies, "is not a whole number", EngineSettings.CopiesMend);
        bool? isArmed = SettingsReader.SwitchOf(texts[SettingKeys.EngineArmed]);
        if (isArmed is null)
            return Wrong(SettingKeys.EngineArmed, "is not a switch", SettingsReader.SwitchMend);
        EngineSettings settings = new()
        {
            BudgetBytes = budgetBytes,
            MaxConcurrentCopies = most,
            IsArmed = isArmed.Value,
        };
        return settings.Problem("") is { } problem
            ? problem with { Where = where(problem.Field[(SettingKeys.Section.Length + 1)..]) }
            : settings;

        InputError Wrong(string key, string problem, string mend) =>
            new(where(key), SettingKeys.Full(key), $"{Printable.Quoted(texts[key])} {problem}", mend);
    }
}
