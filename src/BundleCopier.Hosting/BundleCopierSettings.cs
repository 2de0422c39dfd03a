using BundleCopier.Settings;

namespace BundleCopier.Hosting;

/// <summary>The settings of the application's bundle copier, and where each comes from. A service.</summary>
public sealed class BundleCopierSettings
{
    internal BundleCopierSettings(LayeredSettings layered)
    {
        Copy = layered.Copy;
        Engine = layered.Engine;
        Origins = layered.Origins;
    }

    /// <summary>The settings of a copy that has none of its own.</summary>
    public CopySettings Copy { get; }

    /// <summary>What all copies have together.</summary>
    public EngineSettings Engine { get; }

    /// <summary>Each setting, its value and the source that won, in the order of reference.conf.</summary>
    public IReadOnlyList<SettingOrigin> Origins { get; }

    /// <summary>The settings that are not defaults, on one line.</summary>
    public override string ToString()
    {
        string[] given = [.. Origins
            .Where(static o => o.Source != SettingSource.Default)
            .Select(static o => $"{o.Key} = {o.Value} ({Name(o.Source)})")];
        return given.Length == 0 ? "all defaults" : $"{string.Join(", ", given)}; all others are defaults";
    }

    private static string Name(SettingSource source) => source switch
    {
        SettingSource.Hocon => "HOCON",
        SettingSource.Configuration => "IConfiguration",
        _ => "code",
    };
}
