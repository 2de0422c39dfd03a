using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Cli.Serve;

/// <summary>The settings of the server and of its copies.</summary>
/// <param name="Server">The server's; the destination is set.</param>
/// <param name="Copy">Those of each copy.</param>
/// <param name="System">The configuration of the actor system.</param>
internal sealed record ServeConfig(ServeSettings Server, CopySettings Copy, Akka.Configuration.Config System)
{
    /// <summary>Reads the configuration of a server.</summary>
    /// <param name="path">The file; null for the defaults.</param>
    public static Parsed<ServeConfig> Read(string? path)
    {
        Parsed<ConfigFile> file = ConfigFile.Read(path);
        if (!file.IsOk)
            return file.Error;
        Parsed<ServeSettings> server = ServeSettingsReader.Read(file.Value.System, path ?? "");
        if (!server.IsOk)
            return server.Error;
        if (server.Value.Destination is null)
        {
            return new InputError(
                path ?? "--config",
                SettingKeys.Full(SettingKeys.ServeDestination),
                "is not set",
                "Name the directory that gets the bundles, as in bundle-copier.serve.destination = /var/crash.");
        }

        // The server owns the process: a copy changes its oom_score_adj only where the setting is a number.
        CopySettings copy = file.Value.WithStandardBudget() with
        {
            OwnsProcess = true,
            Origin = ProgramOrigin.Get(),
        };
        return new ServeConfig(server.Value, copy, file.Value.System);
    }

    /// <summary>What the server listens to and where it looks, which takes a restart to change.</summary>
    public bool HasSamePlaces(ServeConfig other) =>
        Server.Spool == other.Server.Spool
        && Server.ControlSocket == other.Server.ControlSocket
        && Server.CoreSocket == other.Server.CoreSocket;
}
