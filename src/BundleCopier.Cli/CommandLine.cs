using System.CommandLine;
using System.CommandLine.Help;

namespace BundleCopier.Cli;

/// <summary>The commands and options of the program, and nothing of what they do.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = new("Copies shared memory of a crashed process to disk, around the page cache, within a fixed budget of memory.");
        CopyCommand.AddTo(root);
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(ExtractCommand.Create());
        root.Subcommands.Add(CatCommand.Create());

        ParseResult parsed = root.Parse(args);
        // A mistake gets one line, not a page.
        if (args.Length == 0)
        {
            Messages.Tell("--manifest is missing; see bundlecopy --help");
            return ExitCode.Invalid;
        }

        bool isHelp = parsed.Action is HelpAction;
        if (parsed.Errors.Count > 0 && !isHelp)
        {
            foreach (string message in parsed.Errors.Select(e => e.Message).Distinct())
                Messages.Tell(string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
            Messages.Tell("see bundlecopy --help");
            return ExitCode.Invalid;
        }

        // Signals are ours: a copy that is stopped commits what it has.
        InvocationConfiguration configuration = new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        try
        {
            return isHelp ? HelpText.Show(parsed) : await parsed.InvokeAsync(configuration);
        }
        catch (IOException error)
        {
            // Standard output that takes nothing more: whoever closed it knows, and a copy is committed or not all the same.
            Messages.Tell($"output cannot be written: {error.Message}");
            return ExitCode.Failed;
        }
#pragma warning disable CA1031 // A bug must not look like a crash of the program that called us: one line, and a code that means what it says.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            Messages.Tell($"an internal error; please report it: {bug}");
            return ExitCode.Failed;
        }
    }
}
