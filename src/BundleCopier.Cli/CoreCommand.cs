using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Cli;

/// <summary>
/// <c>bundlecopy core</c>: the program that the kernel starts for each crash (core(5), a core_pattern that begins with
/// <c>|</c>). The core comes by standard input, and becomes a bundle of its own.
/// </summary>
internal static class CoreCommand
{
    public static Command Create()
    {
        Option<string?> to = new("--to")
        {
            Description = "The directory that gets the bundle; it must exist.",
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
        Parsed<CopyRequest> request = Request(to, config, arguments);
        if (!request.IsOk)
            return messages.Invalid(request.Error);
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
        TimeOf(arguments),
        arguments.Command,
        ProcessLink.ExecutableOf(arguments.Pid),
        arguments.Host);

    private static DateTimeOffset TimeOf(CoreArguments arguments) => DateTimeOffset.FromUnixTimeSeconds(
        Math.Clamp(arguments.Time, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    private static Parsed<CopyRequest> Request(string? to, string? config, CoreArguments arguments)
    {
        if (to is null)
            return new InputError("--to", "", "it is missing", "Name the directory that gets the bundle.");
        if (!StandardStreams.HasInput)
            return new InputError("stdin", "", "it is closed", "The kernel gives the core by standard input.");
        Parsed<ConfigFile> file = ConfigFile.Read(config);
        if (!file.IsOk)
            return file.Error;
        StreamSource stream = new(new SafeFileHandle(0, ownsHandle: true))
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
            stream, arguments.Command, TimeOf(arguments), arguments.Host, where: "core");
        if (manifest.IsOk)
            manifest = manifest.Value.WithDestination(to, "--to");
        return !manifest.IsOk
            ? manifest.Error
            : new CopyRequest(
                manifest.Value,
                file.Value.WithStandardBudget(),
                file.Value.System,
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
    int Pid, uint Uid, uint Gid, int Signal, long Time, string Host, string Command);
