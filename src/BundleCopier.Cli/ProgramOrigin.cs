using System.Reflection;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>What the receipt says of this program, this machine and this command.</summary>
internal static class ProgramOrigin
{
    public static ReceiptOrigin Get()
    {
        (string version, string? commit) = VersionOf(
            typeof(ProgramOrigin).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion ?? "unknown");
        return new ReceiptOrigin(
            new ReceiptProgram(HelpText.Program, version, commit),
            new ReceiptHost(
                Short(Environment.MachineName),
                Short(FirstLine("/proc/sys/kernel/osrelease") ?? "unknown"),
                BootId()),
            CommandOf(Environment.GetCommandLineArgs()));
    }

    /// <summary>The id of this boot, 32 digits; null where the kernel does not tell.</summary>
    public static string? BootId() =>
        FirstLine("/proc/sys/kernel/random/boot_id")?.Replace("-", "", StringComparison.Ordinal);

    /// <summary>Takes a version apart: <c>0.1.0+COMMIT</c>.</summary>
    public static (string Version, string? Commit) VersionOf(string text) => text.IndexOf('+') switch
    {
        < 0 => (Short(text), null),
        int plus => (Short(text[..plus]), Short(text[(plus + 1)..])),
    };

    /// <summary>A command line as one would give it to a shell.</summary>
    public static string CommandOf(IEnumerable<string> args)
    {
        string command = string.Join(' ', args.Select(static (arg, i) => Quoted(i == 0 ? Path.GetFileName(arg) : arg)));
        return Printable.Shortened(Printable.Of(command), ReceiptOrigin.MaxCommandLength);
    }

    private static string Quoted(string arg) =>
        arg.Length > 0
        && arg.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./,:=+@%".Contains(c, StringComparison.Ordinal))
            ? arg
            : $"'{arg.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Short(string text) =>
        Printable.Shortened(Printable.Of(text), ReceiptOrigin.MaxNameLength);

    private static string? FirstLine(string path) =>
        InputFileOpener.ReadLines(path).Try(out IReadOnlyList<string>? lines, out _) && lines.Count > 0
            ? lines[0].Trim() : null;
}
