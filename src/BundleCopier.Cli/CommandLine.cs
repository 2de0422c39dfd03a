using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

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

        string[] misplaced = isHelp ? [] : [.. Misplaced(parsed)];
        foreach (string line in misplaced)
            Messages.Tell(line);
        if (misplaced.Length > 0)
            return ExitCode.Invalid;

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

    /// <summary>
    /// A copy's options in front of another command: the library takes them, and nobody would look at them, nor at what is
    /// wrong with them.
    /// </summary>
    private static IEnumerable<string> Misplaced(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.RootCommandResult.Command == command)
            yield break;
        // Options that end the program by themselves, such as --version, are for all commands.
        foreach (OptionResult given in parsed.RootCommandResult.Children.OfType<OptionResult>().Where(static o => !o.Implicit && o.Option.Action is null))
        {
            string name = given.Option.Name;
            string mend = command.Options.Any(o => o.Name == name) ? $"Give it behind {command.Name}." : $"Leave it out; see bundlecopy {command.Name} --help.";
            yield return $"{name}: it is an option of a copy, and stands in front of {command.Name}. {mend}";
        }
    }
}
