using System.Diagnostics;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Runs programs of the system, such as mkfs and mount.</summary>
internal static class Tool
{
    private static readonly string[] Places =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin"];

    public static string? Find(string program) =>
        Places.Select(p => Path.Combine(p, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program and returns its output; throws <see cref="IOException"/> when it fails.</summary>
    public static string Run(string program, params string[] args)
    {
        ProcessStartInfo start = new(Find(program) ?? throw new IOException($"There is no {program}."), args);
        int exitCode = Child.Run(start, out string output, out string errors);
        return exitCode == 0
            ? output.Trim()
            : throw new IOException($"{program} {string.Join(' ', args)}: exit {exitCode}: {errors}");
    }
}
