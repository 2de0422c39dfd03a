using System.Globalization;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>The bundle of one crash, which no manifest describes.</summary>
internal static class CrashBundle
{
    private const string CoreName = "core";

    // prctl(2), PR_SET_NAME: at most 15 bytes. A name of bytes that are not UTF-8 becomes no longer.
    private const int MaxCommandChars = 64;

    /// <summary>Its name: <c>COMMAND-PID-TIME</c>, such as <c>engine-4711-20261122T201405Z</c>.</summary>
    /// <param name="command">The name of the process, which the process has chosen; may be empty.</param>
    /// <param name="pid">The process.</param>
    /// <param name="time">The time of the crash.</param>
    public static string NameOf(string command, int? pid, DateTimeOffset time)
    {
        string safe = BundleNameText.Safe(command[..Math.Min(command.Length, MaxCommandChars)]).TrimStart('.');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(safe.Length == 0 ? "process" : safe)}-{pid}-{BundleNameText.TimeOf(time)}");
    }

    /// <summary>The manifest of a core that comes as a stream, and of the shared memory of its process.</summary>
    /// <param name="stream">The core.</param>
    /// <param name="command">The name of the process; may be empty.</param>
    /// <param name="time">The time of the crash.</param>
    /// <param name="host">The name of the machine; may be empty.</param>
    /// <param name="sharedMemory">Copy the shared memory, too.</param>
    /// <param name="where">What an error names.</param>
    public static Parsed<BundleManifest> OfCore(
        StreamSource stream, string command, DateTimeOffset time, string host, bool sharedMemory, string where)
    {
        int? pid = stream.Core?.Pid;
        List<ManifestFile> files =
            [ManifestFile.Of(stream, string.Create(CultureInfo.InvariantCulture, $"core:{pid}"), CoreName)];
        // A user who starts the program by hand may name any process.
        if (sharedMemory && pid is { } number && IsDumping(number))
            files.Add(ManifestFile.OfProcess(new ProcessMemory(number)) with { EndsWithCore = true });
        return BundleManifest.Create(
            NameOf(command, pid, time),
            files,
            labels: host.Length == 0 ? null : new Dictionary<string, string> { ["host"] = host },
            where: where);
    }

    private static bool IsDumping(int pid)
    {
        if (pid <= 0 || !LinuxKernel.Instance.OpenProcess(pid).Try(out IProcess? process, out _))
            return false;
        using (process)
            return process.IsDumping;
    }
}
