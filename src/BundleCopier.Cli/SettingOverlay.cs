using System.Text.Json;
using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Settings from the command line, over those of the configuration file. A later one wins.</summary>
internal static class SettingOverlay
{
    /// <summary>One setting.</summary>
    /// <param name="Option">The option that gives it, for messages.</param>
    /// <param name="Key">Its key.</param>
    /// <param name="Value">Its text.</param>
    public readonly record struct Given(string Option, string Key, string Value);

    // Settings of a server and of an engine that makes several copies.
    private static readonly string[] OtherPrefixes = ["serve.", "engine."];

    /// <summary>What <c>--set</c> may name: each setting of a copy that has one value.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. SettingKeys.All.Where(static key =>
        key != SettingKeys.IoDispatcher
        && !Array.Exists(OtherPrefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal)))];

    /// <summary>Reads <c>KEY=VALUE</c>.</summary>
    public static Parsed<Given> Parse(string text)
    {
        const string Option = "--set";
        const string Section = SettingKeys.Section + ".";
        int equals = text.IndexOf('=');
        if (equals <= 0)
        {
            return new InputError(
                Option, "", $"{Printable.Quoted(text)} is not KEY=VALUE", "Give one such as governor.profile=gentle.");
        }

        string key = text[..equals].Trim();
        if (key.StartsWith(Section, StringComparison.Ordinal))
            key = key[Section.Length..];
        if (Keys.Contains(key))
            return new Given(Option, key, text[(equals + 1)..].Trim());
        string last = key[(key.LastIndexOf('.') + 1)..];
        string? near = Nearest.To(key, Keys)
            ?? Keys.FirstOrDefault(k => k.EndsWith($".{last}", StringComparison.OrdinalIgnoreCase));
        return new InputError(
            Option,
            key,
            "is not a setting of a copy",
            near is null ? $"Give one of: {string.Join(", ", Keys)}." : $"Did you mean \"{near}\"?");
    }

    /// <summary>The configuration with the settings over it; an error names the option.</summary>
    public static Parsed<ConfigFile> Apply(ConfigFile file, IReadOnlyList<Given> all)
    {
        foreach (Given given in all)
        {
            string shown = given.Option == "--set" ? $"--set {given.Key}" : given.Option;
            if (given.Value.Length == 0)
                return new InputError(shown, "", "it is empty", "Give a value.");
            // A JSON string is a string of HOCON.
            string quoted = JsonEncodedText.Encode(given.Value).ToString();
            Config config = ConfigurationFactory
                .ParseString($"{SettingKeys.Full(given.Key)} = \"{quoted}\"")
                .WithFallback(file.System);
            Parsed<CopySettings> settings = SettingsReader.Read(config, shown);
            if (!settings.IsOk)
            {
                bool isThisOne = settings.Error.Field == SettingKeys.Full(given.Key);
                return settings.Error with { Field = isThisOne ? "" : settings.Error.Field };
            }

            file = new ConfigFile(config, settings.Value);
        }

        return file;
    }
}
