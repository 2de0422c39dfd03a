using Akka.Configuration;
using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>Settings that were put together from several sources.</summary>
/// <param name="Copy">The settings of a copy.</param>
/// <param name="Engine">The settings of the engine.</param>
/// <param name="Origins">Each setting and the source that won, in the order of reference.conf.</param>
internal sealed record LayeredSettings(
    CopySettings Copy,
    EngineSettings Engine,
    IReadOnlyList<SettingOrigin> Origins)
{
    private const string Place = "IConfiguration";

    /// <summary>
    /// Puts the sources over each other, setting by setting: the defaults, HOCON, <c>IConfiguration</c>, code.
    /// </summary>
    /// <param name="hocon">The actor system's configuration.</param>
    /// <param name="where">What error messages call it.</param>
    /// <param name="configuration">
    /// The values of the section by their paths in it, such as <c>Writer:MaxRate</c>. Case and hyphens do not count.
    /// </param>
    /// <param name="section">The section's path, for error messages.</param>
    /// <param name="code">Changes the settings of a copy last.</param>
    /// <param name="engineCode">Changes those of the engine last.</param>
    public static Parsed<LayeredSettings> Read(
        Config hocon,
        string where,
        IEnumerable<KeyValuePair<string, string>> configuration,
        string section,
        Func<CopySettings, CopySettings> code,
        Func<EngineSettings, EngineSettings> engineCode)
    {
        Parsed<Dictionary<string, string>> given = HoconTree.Read(hocon, where);
        if (!given.IsOk)
            return given.Error;
        Parsed<Dictionary<string, string>> texts = HoconTree.ReadOverDefaults(hocon, where);
        if (!texts.IsOk)
            return texts.Error;
        HashSet<string> over = [];
        foreach ((string path, string text) in configuration)
        {
            string? key = SettingKeys.All.FirstOrDefault(key => IsSame(key, path));
            if (key is null or SettingKeys.IoDispatcher)
                return Unknown(path, section, key);
            texts.Value[key] = text.Trim();
            over.Add(key);
        }

        Parsed<CopySettings> read = SettingsReader.Build(texts.Value, PlaceOf);
        if (!read.IsOk)
            return read.Error;
        Parsed<EngineSettings> readEngine = EngineSettingsReader.Build(texts.Value, PlaceOf);
        if (!readEngine.IsOk)
            return readEngine.Error;
        CopySettings copy = code(read.Value);
        EngineSettings engine = engineCode(readEngine.Value);
        const string inCode = "the application's code";
        if ((copy.Problem(inCode) ?? engine.Problem(inCode) ?? engine.ProblemOf(copy, "settings")) is { } problem)
            return problem;
        SettingOrigin[] origins = [.. SettingTexts.Of(copy).Concat(SettingTexts.Of(engine)).Zip(
            SettingTexts.Of(read.Value).Concat(SettingTexts.Of(readEngine.Value)),
            (final, before) => new SettingOrigin(final.Key, final.Value, SourceOf(final, before)))];
        return new LayeredSettings(copy, engine, origins);

        string PlaceOf(string key) => over.Contains(key) ? $"{Place} ({section})" : where;

        SettingSource SourceOf(KeyValuePair<string, string> final, KeyValuePair<string, string> before) =>
            final.Value != before.Value ? SettingSource.Code
            : over.Contains(final.Key) ? SettingSource.Configuration
            : IsGiven(final.Key) ? SettingSource.Hocon
            : SettingSource.Default;

        // The actor system's configuration has the defaults as its fallback, so what is equal to them was not given.
        bool IsGiven(string key) => given.Value.TryGetValue(key, out string? text)
            && text != HoconTree.Read(ReferenceConfig.Value, "").Value![key];
    }

    // writer.max-rate is Writer:MaxRate, and WRITER__MAXRATE in the environment.
    private static bool IsSame(string key, string path) =>
        key.Replace("-", "", StringComparison.Ordinal).Equals(
            path.Replace(':', '.').Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

    private static InputError Unknown(string path, string section, string? key)
    {
        if (key is not null)
            return new InputError(Place, $"{section}:{path}", "belongs to Akka", "Give it in HOCON.");
        string dotted = path.Replace(':', '.');
        string mend = Nearest.To(dotted, SettingKeys.All.Select(PathOf).Concat(SettingKeys.All)) is { } near
            ? $"Did you mean \"{section}:{near.Replace('.', ':')}\"?"
            : "docs/configuration.md lists all settings.";
        return new InputError(Place, $"{section}:{path}", "is not a known setting", mend);
    }

    // Writer.MaxRate of writer.max-rate
    private static string PathOf(string key) => string.Join('.', key.Split('.').Select(part =>
        string.Concat(part.Split('-').Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"))));
}
