using Akka.Configuration;
using Akka.Configuration.Hocon;
using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>Takes the user's settings out of Akka's tree, as text by key. What is not a setting is an error.</summary>
internal static class HoconTree
{
    private static readonly string[] Groups = [.. SettingKeys.All.SelectMany(GroupsOf).Distinct()];

    /// <summary>All settings: those of a configuration, and the defaults of reference.conf for the others.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="where">What error messages call it.</param>
    public static Parsed<Dictionary<string, string>> ReadOverDefaults(Config config, string where)
    {
        Parsed<Dictionary<string, string>> given = Read(config, where);
        if (!given.IsOk)
            return given;
        Parsed<Dictionary<string, string>> all = Read(ReferenceConfig.Value, "reference.conf");
        if (all.IsOk)
        {
            foreach ((string key, string text) in given.Value)
                all.Value[key] = text;
        }

        return all;
    }

    /// <summary>All settings in the section <c>bundle-copier</c>, by their keys without the section.</summary>
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
                    return NoBlock(where, key, $"Write {SettingKeys.Section} {{ budget = 32MiB }}.");
                if (Walk(value, "", given, where) is InputError problem)
                    return problem;
            }
            // Sections of other programs are left alone, but a section that looks like a misspelling of ours is an
            // error.
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

    private static InputError? Walk(HoconValue block, string prefix, Dictionary<string, string> given, string where)
    {
        foreach ((string name, HoconValue value) in block.GetObject().Items)
        {
            string key = prefix + name;
            // A quoted name with a dot looks like a path, but Akka would not find it.
            bool isPlain = !name.Contains('.');
            if (isPlain && key == SettingKeys.IoDispatcher)
            {
                if (!value.IsObject())
                {
                    return NoBlock(
                        where, SettingKeys.Full(key), "Give an Akka dispatcher, such as { type = PinnedDispatcher }.");
                }
            }
            else if (isPlain && Groups.Contains(key))
            {
                if (!value.IsObject())
                {
                    string allowed = string.Join(", ", InGroup($"{key}."));
                    return NoBlock(where, SettingKeys.Full(key), $"Allowed in it: {allowed}.");
                }

                if (Walk(value, $"{key}.", given, where) is InputError inside)
                    return inside;
            }
            else if (isPlain && SettingKeys.All.Contains(key))
            {
                if (Text(value) is not string text)
                {
                    return new InputError(
                        where, SettingKeys.Full(key), "has no single value", $"Write {key} = and one value.");
                }

                given[key] = text;
            }
            else
            {
                return new InputError(
                    where, SettingKeys.Full(key), "is not a known setting", MendUnknown(key, prefix));
            }
        }

        return null;
    }

    // destination and destination.retention of destination.retention.max-use
    private static IEnumerable<string> GroupsOf(string key) =>
        key.Index().Where(static c => c.Item == '.').Select(c => key[..c.Index]);

    private static InputError NoBlock(string where, string key, string mend) =>
        new(where, key, "is not a block of settings", mend);

    private static IEnumerable<string> InGroup(string prefix) =>
        SettingKeys.All.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]);

    private static string MendUnknown(string key, string prefix)
    {
        // No full key is near to "threads" alone, so the last part of the keys is tried as well.
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
