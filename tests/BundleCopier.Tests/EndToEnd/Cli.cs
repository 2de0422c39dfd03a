using System.Diagnostics;
using System.Text;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Runs the real program: the native one that the environment variable BUNDLECOPY_PROGRAM names, or else the one that
/// was built with these tests.
/// </summary>
internal static class Cli
{
    public const string NativeVariable = "BUNDLECOPY_PROGRAM";

    /// <summary>For a copy of 8 GiB.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(120);

    /// <summary>The command in front of the program to run it as a user without rights.</summary>
    public static readonly string[] AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

    public const uint NobodyId = 65534;

    // A shell ignores SIGINT and SIGQUIT in what it starts in the background (POSIX, 2.11), and children inherit that.
    private static readonly string[] HearsSignals = ["env", "--default-signal=INT,TERM,QUIT,HUP"];

    /// <summary>The native program; null where the managed one is tested.</summary>
    public static string? Native { get; } = Environment.GetEnvironmentVariable(NativeVariable) is { Length: > 0 } path
        ? path : null;

    /// <summary>The program and what comes before its arguments.</summary>
    public static IReadOnlyList<string> Program { get; } =
        Native is not null ? [Native] : [Dotnet(), "exec", Path.Combine(AppContext.BaseDirectory, "bundlecopy.dll")];

    public static CliResult Run(params string[] args) => Start(args).Wait();

    public static CliResult RunAsNobody(params string[] args) => Start(args, before: AsNobody).Wait();

    public static CliResult RunWithInput(byte[] input, params string[] args) => Start(args, input).Wait();

    /// <summary>Starts the program, or another copy of it; the caller waits for it.</summary>
    public static RunningCli Start(
        string[] args, byte[]? input = null, string[]? before = null, string? directory = null, string? program = null,
        TimeSpan? patience = null)
    {
        string[] command = [.. before ?? HearsSignals, .. program is null ? Program : [program], .. args];
        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = directory ?? "/",
        };
        foreach (string argument in command[1..])
            start.ArgumentList.Add(argument);
        // The environment of the test host must not change the program.
        foreach (string name in start.Environment.Keys.Where(IsOfTheHost).ToArray())
            start.Environment.Remove(name);
        start.Environment["NO_COLOR"] = "1";
        return new RunningCli(Process.Start(start)!, input, patience ?? Child.Patience);
    }

    private static bool IsOfTheHost(string name) =>
        name.StartsWith("DOTNET_gc", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("COMPlus_", StringComparison.Ordinal)
        || name is "DOTNET_STARTUP_HOOKS" or "CORECLR_ENABLE_PROFILING" or "LD_PRELOAD";

    private static string Dotnet() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host
        : Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
        : "dotnet";
}

/// <summary>How a run of the program ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}
