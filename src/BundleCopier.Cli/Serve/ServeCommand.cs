using System.CommandLine;
using System.Text;
using System.Text.Json;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Cli.Serve;

/// <summary><c>bundlecopy serve</c>: the crash server, and questions to it.</summary>
internal sealed class ServeCommand
{
    private readonly Option<string?> config = new("--config")
    {
        Description = "Settings in HOCON; bundle-copier.serve.destination must be set.",
        HelpName = "bundle.hocon",
    };

    private readonly Option<bool> status = new("--status")
    {
        Description = "Ask the running server what it does, and print it.",
    };

    private readonly Option<bool> install = new("--install")
    {
        Description = "Tell the kernel to send the cores of crashed processes to the server, and end.",
    };

    private readonly Option<bool> uninstall = new("--uninstall")
    {
        Description = "Put back what the kernel did with cores before --install, and end.",
    };

    private readonly Option<bool> json = new("--json") { Description = "With --status: print JSON." };

    private readonly Option<bool> quiet = new("--quiet") { Description = "Print errors and results only." };

    private ServeCommand()
    {
    }

    public static Command Create()
    {
        ServeCommand serve = new();
        const string what = "Run the crash server, which waits for cores from the kernel and manifests in its spool.";
        Command command = new("serve", what)
        {
            serve.config, serve.status, serve.install, serve.uninstall, serve.json, serve.quiet,
        };
        command.SetAction(serve.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        Messages messages = new(parsed.GetValue(quiet), parsed.GetValue(json));
        string? path = parsed.GetValue(config);
        bool[] chosen = [parsed.GetValue(status), parsed.GetValue(install), parsed.GetValue(uninstall)];
        if (chosen.Count(static c => c) > 1)
            return messages.Invalid(new InputError("serve", "", "more than one action is given", "Give one of them."));
        if (parsed.GetValue(json) && !chosen[0])
            return messages.Invalid(new InputError("--json", "", "it belongs to --status", "Leave it out."));
        if (!chosen.Contains(true))
        {
            Parsed<ServeConfig> settings = ServeConfig.Read(path);
            return settings.IsOk ? ServeRun.Run(settings.Value, path, messages) : messages.Invalid(settings.Error);
        }

        Parsed<ConfigFile> file = ConfigFile.Read(path);
        if (!file.IsOk)
            return messages.Invalid(file.Error);
        Parsed<ServeSettings> server = ServeSettingsReader.Read(file.Value.System, path ?? "");
        return !server.IsOk ? messages.Invalid(server.Error)
            : parsed.GetValue(install) ? InstallCommand.Install(server.Value, path, messages)
            : parsed.GetValue(uninstall) ? InstallCommand.Uninstall(server.Value, path, messages)
            : TellStatus(server.Value.ControlSocket, parsed.GetValue(json), messages);
    }

    private static int TellStatus(string path, bool isJson, Messages messages)
    {
        if (!ControlSocket.Ask(path, ControlSocket.Status).Try(out byte[]? answer, out Errno error))
        {
            return messages.Failed(error.Name switch
            {
                "ENOENT" or "ECONNREFUSED" => $"no server listens at {path}",
                "EACCES" or "ECONNRESET" or "EPIPE" => OnlyForSome(path),
                _ => $"the server at {path} does not answer: {error.Name}",
            });
        }

        if (answer.Length == 0)
            return messages.Failed(OnlyForSome(path));

        using JsonDocument state = JsonDocument.Parse(answer);
        StandardOutput output = new();
        byte[] text = isJson
            ? StatusJson.LineOf(state.RootElement)
            : Encoding.UTF8.GetBytes(StatusText.Of(state.RootElement));
        return output.Write(text) == OutputAnswer.Failed ? ExitCode.Failed : ExitCode.Complete;
    }

    private static string OnlyForSome(string path) => $"the server at {path} answers only root and its own user";
}
