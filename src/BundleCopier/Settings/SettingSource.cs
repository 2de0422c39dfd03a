namespace BundleCopier.Settings;

/// <summary>Where a setting comes from. A later one in this list beats an earlier one.</summary>
public enum SettingSource
{
    /// <summary>The default of the engine (reference.conf).</summary>
    Default,

    /// <summary>HOCON: the actor system's configuration.</summary>
    Hocon,

    /// <summary><c>IConfiguration</c>: appsettings.json, environment variables, the command line.</summary>
    Configuration,

    /// <summary>The application's code.</summary>
    Code,
}
