using System.Text;
using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>
/// The arguments of this process with all their bytes. The runtime writes U+FFFD for bytes that are not UTF-8, so a
/// name that a shell has completed would not be found.
/// </summary>
internal static class ArgumentBytes
{
    private const char Replacement = '\uFFFD';

    /// <summary>The same arguments, as names are written in the engine (<see cref="NameBytes"/>).</summary>
    /// <param name="args">The arguments as the runtime gives them.</param>
    public static string[] Exact(string[] args) =>
        Array.Exists(args, static arg => arg.Contains(Replacement, StringComparison.Ordinal))
            ? Exact(args, ReadCommandLine())
            : args;

    /// <summary>The same, from a command line of proc_pid_cmdline(5).</summary>
    internal static string[] Exact(string[] args, ReadOnlySpan<byte> commandLine)
    {
        List<byte[]> found = [];
        while (commandLine.IndexOf((byte)0) is >= 0 and int end)
        {
            found.Add(commandLine[..end].ToArray());
            commandLine = commandLine[(end + 1)..];
        }

        // In front of the arguments are the program, and what a host of the managed program was given.
        found.RemoveRange(0, Math.Max(found.Count - args.Length, 0));
        bool isSame = found.Select(Encoding.UTF8.GetString).SequenceEqual(args);
        return isSame ? [.. found.Select(static arg => NameBytes.ToText(arg))] : args;
    }

    private static byte[] ReadCommandLine()
    {
        // CopyTo would read byte by byte by itself, because the length of a file of /proc is 0.
        const int PieceBytes = 64 * 1024;
        if (!InputFileOpener.Open("/proc/self/cmdline").Try(out Stream? stream, out _))
            return [];
        using Stream closedAtTheEnd = stream;
        using MemoryStream text = new();
        try
        {
            stream.CopyTo(text, PieceBytes);
        }
        catch (IOException)
        {
            return [];
        }

        return text.ToArray();
    }
}
