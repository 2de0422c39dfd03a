using System.Globalization;
using System.Text;
using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>What procfs says of a process in words: they are the process's own, and not to be trusted.</summary>
/// <param name="CommandLine">
/// Its arguments, as a shell would read them (proc_pid_cmdline(5)); empty where it has none any more.
/// </param>
/// <param name="Group">
/// The path of its control group: that of systemd's own hierarchy, or the one of version 2. Empty for none.
/// </param>
internal sealed record ProcessWords(string CommandLine, string Group)
{
    // Arguments can have megabytes.
    private const int MaxCommandLineBytes = 64 * 1024;

    /// <summary>Asks procfs about a process.</summary>
    public static ProcessWords Of(int pid)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        using ProcFile? arguments = ProcFile.Open($"{directory}/cmdline");
        byte[] buffer = new byte[MaxCommandLineBytes];
        string commandLine = arguments is null ? "" : CommandLineOf(arguments.Read(buffer));
        string group = InputFileOpener.ReadLines($"{directory}/cgroup").Try(out IReadOnlyList<string>? lines, out _)
            ? GroupOf(lines)
            : "";
        return new ProcessWords(commandLine, group);
    }

    /// <summary>Arguments that end in NUL, as a shell would read them.</summary>
    public static string CommandLineOf(ReadOnlySpan<byte> arguments)
    {
        string text = NameBytes.ToText(arguments.TrimEnd((byte)0));
        return text.Length == 0 ? "" : string.Join(' ', text.Split('\0').Select(Quoted));
    }

    /// <summary>The path of the group that systemd manages (cgroups(7)).</summary>
    public static string GroupOf(IReadOnlyList<string> lines)
    {
        string? own = lines.FirstOrDefault(static l => l.Contains(":name=systemd:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(static l => l.StartsWith("0::", StringComparison.Ordinal));
        return own?.Split(':', 3)[2] ?? "";
    }

    private static string Quoted(string argument)
    {
        if (argument.Length > 0 && argument.All(IsPlain))
            return argument;
        StringBuilder quoted = new("'", argument.Length + 2);
        return quoted.Append(argument).Replace("'", @"'\''", 1, argument.Length).Append('\'').ToString();
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is > '\x7f' || "%+,-./:=@_".Contains(c);
}
