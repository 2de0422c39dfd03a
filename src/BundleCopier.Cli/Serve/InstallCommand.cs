using System.Text;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// <c>bundlecopy serve --install</c> and <c>--uninstall</c>: tells the kernel to send cores to the server, and puts
/// back what it did before.
/// </summary>
internal static class InstallCommand
{
    // The coredump socket with requests and answers (linux/coredump.h).
    private static readonly Version WithSocket = new(6, 17);

    public static int Install(ServeSettings settings, string? configPath, Messages messages)
    {
        Parsed<string> pattern = PatternOf(settings, configPath);
        if (!pattern.IsOk)
            return messages.Invalid(pattern.Error);
        if (!FileOf(settings).Install(pattern.Value).Try(out string? old, out string? problem))
            return Failed(problem);
        messages.Inform(old == pattern.Value
            ? $"kernel.core_pattern is \"{old}\" already"
            : $"kernel.core_pattern is \"{pattern.Value}\" now; it was \"{Messages.Printed(old)}\"");
        bool runs = ControlSocket.Ask(settings.ControlSocket, ControlSocket.Status).Try(out _, out _);
        if (pattern.Value[0] == '@' && !runs)
            messages.Inform("no server runs, and without one no core is saved: start bundlecopy serve");
        return ExitCode.Complete;
    }

    public static int Uninstall(ServeSettings settings, string? configPath, Messages messages)
    {
        Parsed<string> pattern = PatternOf(settings, configPath);
        if (!pattern.IsOk)
            return messages.Invalid(pattern.Error);
        if (!FileOf(settings).Uninstall(pattern.Value).Try(out string? now, out string? problem))
            return Failed(problem);
        messages.Inform($"kernel.core_pattern is \"{Messages.Printed(now)}\"");
        return ExitCode.Complete;
    }

    /// <summary>
    /// What the kernel is told: the server's socket where the kernel and the settings have one, and otherwise the pipe.
    /// </summary>
    public static Parsed<string> PatternOf(ServeSettings settings, string? configPath, Version kernel, string program)
    {
        const string where = "bundle-copier.serve";
        bool hasSocket = settings.CoreSocket is not null && kernel >= WithSocket;
        if (!hasSocket && (settings.Destination is null || configPath is null))
            return new InputError(where, "destination", "is not set", "Name the directory that gets the bundles.");
        string pattern = hasSocket
            ? $"@@{settings.CoreSocket}"
            : $"|{program} core --config {configPath} %P %u %g %s %t %h %e";
        // core(5): the arguments are separated by spaces, and % begins what the kernel fills in.
        string paths = hasSocket ? settings.CoreSocket! : program + configPath;
        if (paths.AsSpan().IndexOfAny(" %\t\n") >= 0)
            return new InputError(where, "", $"\"{pattern}\" has a space or % in a path", "Give other paths.");

        return Encoding.UTF8.GetByteCount(pattern) <= CorePatternFile.MaxBytes
            ? pattern
            : new InputError(
                where,
                "",
                $"\"{pattern}\" is longer than the {CorePatternFile.MaxBytes} bytes of kernel.core_pattern",
                "Give shorter paths.");
    }

    private static Parsed<string> PatternOf(ServeSettings settings, string? configPath) => PatternOf(
        settings,
        configPath is null ? null : WorkingDirectory.Absolute(configPath),
        Environment.OSVersion.Version,
        Environment.ProcessPath ?? "");

    private static CorePatternFile FileOf(ServeSettings settings) =>
        new(CorePatternFile.KernelPath, Path.Combine(settings.StateDirectory, "core_pattern"));

    private static int Failed(string problem)
    {
        Messages.Tell(problem);
        return ExitCode.Failed;
    }
}
