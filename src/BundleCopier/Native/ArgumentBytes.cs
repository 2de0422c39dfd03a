using System.Text;
using BundleCopier.Model;
using static Tmds.Linux.LibC;

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

    private static unsafe byte[] ReadCommandLine()
    {
        if (!Calls.OpenAt(AT_FDCWD, "/proc/self/cmdline", O_RDONLY).Try(out FileHandle? file, out _))
            return [];
        using FileHandle closedAtTheEnd = file;
        List<byte> text = [];
        byte[] piece = new byte[64 * 1024];
        fixed (byte* start = piece)
        {
            while (Calls.Read(file, (nint)start, piece.Length, text.Count) is { Value: > 0 and long count })
                text.AddRange(piece.AsSpan(0, (int)count));
        }

        return [.. text];
    }
}
