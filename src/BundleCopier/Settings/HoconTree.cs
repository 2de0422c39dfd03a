using Akka.Configuration;
using Akka.Configuration.Hocon;
using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>
/// The settings a user gave, as text by key, taken out of Akka's tree with everything refused that is not a setting.
/// </summary>
internal static class HoconTree
{
    private static readonly string[] Groups =
        [.. SettingKeys.All.Where(static k => k.Contains('.')).Select(static k => k[..k.IndexOf('.')]).Distinct()];

    /// <summary>Every setting below our section that the configuration gives, by its key without the section.</summary>
    public static Parsed<Dictionary<string, string>> Read(Config config, string where)
    {
        Dictionary<string, string> given = [];
        if (config.IsEmpty || config.Root is not HoconValue root || !root.IsObject())
            return given;
        foreach ((string key, HoconValue value) in root.GetObject().Items)
        {
            if (key == SettingKeys.Section)
            {
                if (!value.IsObject())
                    return new InputError(
                        where, key, "is not a block of settings", $"Write {SettingKeys.Section} {{ budget = 32MiB }}.");
                if (Walk(value, "", SettingKeys.All.Concat(Groups), given, where) is InputError problem)
                    return problem;
            }
            // Other programs' sections are not ours to judge, but one that is a slip away from ours would be ignored
            // without a word.
            else if (key.StartsWith($"{SettingKeys.Section}.", StringComparison.Ordinal))
            {
                return new InputError(
                    where, key, "is one key in quotes, so it is not read as a setting", "Take out the quotes.");
            }
            else if (Nearest.To(key, [SettingKeys.Section]) is string near)
            {
                return new InputError(where, key, "is not a known section", $"Did you mean \"{near}\"?");
            }
        }
        return given;
    }

    private static InputError? Walk(
        HoconValue block, string prefix, IEnumerable<string> known, Dictionary<string, string> given, string where)
    {
        foreach ((string name, HoconValue value) in block.GetObject().Items)
        {
            string key = prefix + name;
            // A quoted name may hold a dot and look like a path, which Akka would never find.
            bool isPlain = !name.Contains('.');
            if (isPlain && key == SettingKeys.IoDispatcher)
            {
                if (!value.IsObject())
                    return new InputError(
                        where, SettingKeys.Full(
                        key), "is not a block of settings", "Give an Akka dispatcher, such as { type = PinnedDispatcher }.");
            }
            else if (isPlain && prefix.Length == 0 && Groups.Contains(key))
            {
                if (!value.IsObject())
                    return new InputError(
                        where, SettingKeys.Full(
                        key), "is not a block of settings", $"Allowed in it: {string.Join(", ", InGroup($"{key}."))}.");
                if (Walk(value, $"{key}.", SettingKeys.All, given, where) is InputError inside)
                    return inside;
            }
            else if (isPlain && SettingKeys.All.Contains(key))
            {
                if (Text(value) is not string text)
                    return new InputError(
                        where, SettingKeys.Full(key), "has no single value", $"Write {key} = and one value.");
                given[key] = text;
            }
            else
            {
                return new InputError(where, SettingKeys.Full(key), "is not a known setting", MendUnknown(key, prefix));
            }
        }
        return null;
    }

    private static IEnumerable<string> InGroup(string prefix) =>
        SettingKeys.All.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]);

    private static string MendUnknown(string key, string prefix)
    {
        // "threads" alone is nearest to nothing at the top, so the last part is tried as well.
        string last = key[(key.LastIndexOf('.') + 1)..];
        string? near = Nearest.To(key, SettingKeys.All.Concat(Groups))
            ?? SettingKeys.All.FirstOrDefault(k => k.EndsWith($".{last}", StringComparison.OrdinalIgnoreCase));
        return near is not null
            ? $"Did you mean \"{SettingKeys.Full(near)}\"?"
            : $"Allowed here: {string.Join(", ", prefix.Length == 0 ? SettingKeys.All : InGroup(prefix))}.";
    }

    private static string? Text(HoconValue value) =>
        value.IsString() && value.GetString() is string text && text.Trim().Length > 0 ? text.Trim() : null;
}
