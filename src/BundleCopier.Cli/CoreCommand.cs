using System.CommandLine;
using BundleCopier.Cli.Serve;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Cli;

/// <summary>
/// <c>bundlecopy core</c>: the program that the kernel starts for each crash (core(5), a core_pattern that begins with
/// <c>|</c>). The core comes by standard input, and becomes a bundle of its own. Where the crash server runs, it gets
/// the core, because it is ready for it; otherwise this process copies it.
/// </summary>
internal static class CoreCommand
{
    public static Command Create()
    {
        Option<string?> to = new("--to")
        {
            Description = "The directory that gets the bundle, where no server runs. [default: serve.destination]",
            HelpName = "DEST",
        };
        Option<string?> config = new("--config")
        {
            Description = "Settings in HOCON; bundle.hocon lists them all.",
            HelpName = "bundle.hocon",
        };
        Argument<int> pid = new("PID") { Description = "%P: the process." };
        Argument<uint> uid = new("UID") { Description = "%u: its user." };
        Argument<uint> gid = new("GID") { Description = "%g: its group." };
        Argument<int> signal = new("SIGNAL") { Description = "%s: the signal that ended it." };
        Argument<long> time = new("TIME") { Description = "%t: when, in seconds since 1970." };
        Argument<string> host = new("HOST") { Description = "%h: the name of the machine." };
        Argument<string[]> command = new("COMMAND")
        {
            Description = "%e: the name of the process.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        const string what = "Save the core of a process from standard input; for kernel.core_pattern.";
        Command core = new("core", what) { to, config, pid, uid, gid, signal, time, host, command };
        core.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(to),
            parsed.GetValue(config),
            new CoreArguments(
                parsed.GetValue(pid),
                parsed.GetValue(uid),
                parsed.GetValue(gid),
                parsed.GetValue(signal),
                parsed.GetValue(time),
                parsed.GetValue(host) ?? "",
                string.Join(' ', parsed.GetValue(command) ?? []))));
        return core;
    }

    private static async Task<int> RunAsync(string? to, string? config, CoreArguments arguments)
    {
        StandardStreams.FallBackToKernelLog();
        Messages messages = new(isQuiet: !StandardStreams.HasError);
        Parsed<ConfigFile> file = ConfigFile.Read(config);
        if (!file.IsOk)
            return messages.Invalid(file.Error);
        Parsed<ServeSettings> server = ServeSettingsReader.Read(file.Value.System, config ?? "");
        if (!server.IsOk)
            return messages.Invalid(server.Error);
        if (!StandardStreams.HasInput)
        {
            const string mend = "The kernel gives the core by standard input.";
            return messages.Invalid(new InputError("stdin", "", "it is closed", mend));
        }

        SafeFileHandle core = new(0, ownsHandle: true);
        Parsed<CopyRequest> request = Request(to, server.Value, file.Value, core, arguments);
        if (!request.IsOk)
            return messages.Invalid(request.Error);
        CoreHandOver.Result offered = CoreHandOver.Offer(server.Value.ControlSocket, arguments, core);
        if (offered.IsTaken)
            return ExitCode.Complete;
        if (offered.WhyNot is { } why)
        {
            Messages.Tell($"the server refuses the core: {Messages.Printed(why)}");
            return ExitCode.Failed;
        }

        CrashFacts crash = FactsOf(arguments);
        if (ProgramSandbox.EnterForCopy(request.Value) is { } lack)
        {
            Messages.Tell(lack);
            return ExitCode.Failed;
        }

        return await CopyRun.RunAsync(request.Value, messages, result => CrashJournal.Tell(crash, result));
    }

    private static CrashFacts FactsOf(CoreArguments arguments) => new(
        arguments.Pid,
        arguments.Uid,
        arguments.Gid,
        arguments.Signal,
        arguments.At,
        arguments.Command,
        ProcessLink.ExecutableOf(arguments.Pid),
        arguments.Host);

    private static Parsed<CopyRequest> Request(
        string? to, ServeSettings server, ConfigFile file, SafeFileHandle core, CoreArguments arguments)
    {
        to ??= server.Destination;
        if (to is null)
            return new InputError("--to", "", "it is missing", "Name the directory that gets the bundle.");
        StreamSource stream = new(core)
        {
            Core = new CoreFacts
            {
                Pid = arguments.Pid,
                Uid = arguments.Uid,
                Gid = arguments.Gid,
                Signal = arguments.Signal,
                Executable = ProcessLink.ExecutableOf(arguments.Pid)
                    ?? (arguments.Command.Length == 0 ? null : arguments.Command),
            },
        };
        Parsed<BundleManifest> manifest = CrashBundle.OfCore(
            stream, arguments.Command, arguments.At, arguments.Host, server.SharedMemory, where: "core");
        if (manifest.IsOk)
            manifest = manifest.Value.WithDestination(to, "--to");
        return !manifest.IsOk
            ? manifest.Error
            : new CopyRequest(
                manifest.Value,
                file.WithStandardBudget(),
                file.System,
                IsDryRun: false,
                IsJson: false,
                IsQuiet: !StandardStreams.HasError,
                ProgressWish.Never);
    }
}

/// <summary>What the kernel says of a crash.</summary>
/// <param name="Pid">The process, as the machine counts it.</param>
/// <param name="Uid">Its user.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="Time">When, in seconds since 1970.</param>
/// <param name="Host">The name of the machine; may be empty.</param>
/// <param name="Command">The name of the process, which the process has chosen; may be empty.</param>
internal sealed record CoreArguments(
    int Pid, uint Uid, uint Gid, int Signal, long Time, string Host, string Command)
{
    /// <summary>When.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(
        Math.Clamp(Time, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
