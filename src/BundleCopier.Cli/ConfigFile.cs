using System.Text;
using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>A configuration file that was read.</summary>
/// <param name="System">All of it, for the actor system.</param>
/// <param name="Copy">The settings of a copy.</param>
internal sealed record ConfigFile(Config System, CopySettings Copy)
{
    /// <summary>Reads a file, or gives the defaults.</summary>
    /// <param name="path">The file that --config names; null for the defaults.</param>
    public static Parsed<ConfigFile> Read(string? path)
    {
        string hocon = "";
        if (path is not null)
        {
            Parsed<byte[]> text = InputFile.Read(path, "--config", path);
            if (!text.IsOk)
                return text.Error;
            hocon = Encoding.UTF8.GetString(text.Value);
        }

        Parsed<Config> system = SettingsReader.ParseText(hocon, path ?? "");
        if (!system.IsOk)
            return system.Error;
        Parsed<CopySettings> settings = SettingsReader.Read(system.Value, path ?? "");
        if (!settings.IsOk)
            return settings.Error;
        if (Foreign(system.Value) is { } foreign)
        {
            const string mend = "Settings stand inside bundle-copier { ... }; akka { ... } may stand beside it.";
            return new InputError(path!, foreign, "is not a known section", mend);
        }

        return new ConfigFile(system.Value, settings.Value);
    }

    /// <summary>The settings; where the file gives no budget, with the standard one of this machine.</summary>
    public CopySettings WithStandardBudget() => System.HasPath("bundle-copier.budget")
        ? Copy
        : Copy.WithStandardBudget(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>A section that the program does not read, such as a misspelled one; null if there is none.</summary>
    private static string? Foreign(Config config) => config.IsEmpty
        ? null
        : config.Root.GetObject().Items.Keys.FirstOrDefault(static key => key is not ("akka" or "bundle-copier"));
}
