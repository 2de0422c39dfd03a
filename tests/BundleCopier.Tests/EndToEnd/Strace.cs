using System.Globalization;
using System.Text.RegularExpressions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// One system call in a trace. Start and End are places in the trace: strace sees one event after the other, also those
/// of several threads.
/// </summary>
internal sealed record TracedCall(int Thread, string Name, string Arguments, string Result, int Start, int End)
{
    /// <summary>The path of the first argument, which is a descriptor.</summary>
    public string Path => Strace.PathOf(Arguments);

    public bool Succeeded => Result.Length > 0 && char.IsAsciiDigit(Result[0]);

    /// <summary>The call with the second half of its line.</summary>
    public TracedCall EndedBy(string arguments, string result, int at) =>
        this with { Arguments = Arguments + arguments, Result = result, End = at };

    public override string ToString() => $"[{Start}-{End}] {Name}({Arguments}) = {Result}";
}

/// <summary>
/// Runs the program under strace(1), which tells its system calls or makes some of them fail. The copy's threads must
/// not have the class idle: the runtime stops threads with a signal (SIGRTMIN), again and again until all stand still,
/// and strace stops a thread at each signal. While other programs take the processors, such a thread never gets on.
/// </summary>
internal static partial class Strace
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Starts the program under strace. With -D the program is our child and strace is not, so the exit code and a kill
    /// are the program's own. strace keeps standard error open to its end, so the trace is whole when the run is over.
    /// </summary>
    /// <param name="trace">The file for the trace.</param>
    /// <param name="calls">The system calls to trace.</param>
    /// <param name="options">More options of strace.</param>
    /// <param name="args">The arguments of the program.</param>
    public static RunningCli Start(string trace, IEnumerable<string> calls, string[] options, string[] args) =>
        Cli.Start(
            args,
            before:
            [
                "strace", "-D", "-f", "--seccomp-bpf", "-y", "-s", "8", "-o", trace, "-e", "signal=none",
                "-e", $"trace={string.Join(',', calls)}", .. options, "--",
            ],
            patience: Patience);

    /// <summary>Null, or why strace cannot be used here.</summary>
    public static string? Lack()
    {
        string trace = System.IO.Path.GetTempFileName();
        try
        {
            const string Injected = "inject=getpriority:error=EPERM:when=1";
            CliResult result = Cli.Start(
                ["-n", "1", "true"],
                before: ["strace", "-D", "-f", "--seccomp-bpf", "-o", trace, "-e", "trace=getpriority", "-e", Injected],
                program: "nice").Wait();
            return File.ReadAllText(trace).Contains("INJECTED", StringComparison.Ordinal) ? null
                : $"strace cannot change system calls here: {result.Errors.ReplaceLineEndings(" ")}";
        }
        finally
        {
            File.Delete(trace);
        }
    }

    /// <summary>The calls of a trace, in the order in which they began.</summary>
    public static List<TracedCall> Read(string trace)
    {
        List<TracedCall> calls = [];
        Dictionary<int, int> unfinished = []; // the place in the list, by thread
        int at = 0;
        foreach (string line in File.ReadLines(trace))
        {
            at++;
            Match match = Line().Match(line);
            if (!match.Success)
                continue;
            int thread = int.Parse(match.Groups["thread"].Value, CultureInfo.InvariantCulture);
            string rest = match.Groups["rest"].Value;
            bool isResumed = match.Groups["resumed"].Success;
            if (rest.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = calls.Count;
                string begun = rest[..rest.LastIndexOf('<')].TrimEnd();
                calls.Add(new TracedCall(thread, match.Groups["name"].Value, begun, "", at, int.MaxValue));
                continue;
            }

            Match end = End().Match(rest);
            string arguments = end.Success ? rest[..end.Index] : rest;
            string result = end.Success ? end.Groups["result"].Value : "";
            if (!isResumed)
                calls.Add(new TracedCall(thread, match.Groups["name"].Value, arguments, result, at, at));
            else if (unfinished.Remove(thread, out int index))
                calls[index] = calls[index].EndedBy(arguments, result, at);
        }

        return calls;
    }

    /// <summary>The path that strace -y prints for the first descriptor of a text; empty where there is none.</summary>
    public static string PathOf(string text) => Descriptor().Match(text).Groups["path"].Value;

    [GeneratedRegex(@"^(?<thread>\d+) +(?:(?<name>\w+)\(|<\.\.\. (?<resumed>\w+) resumed>)(?<rest>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\)\s+= (?<result>[^=]*)$")]
    private static partial Regex End();

    [GeneratedRegex(@"^\d+<(?<path>[^>]*)>")]
    private static partial Regex Descriptor();
}
