using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using BundleCopier.Cli.Native;
using BundleCopier.Cli.Serve;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>Parses the command line and runs the command. Each command is in a class of its own.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        args = ParseProblems.WithProtectedNames(ArgumentBytes.Exact(args));
        RootCommand root = Create();
        if (args.Length == 0)
        {
            Messages.Tell("nothing to do: give --manifest, or a command such as copy; see bundlecopy --help");
            return ExitCode.Invalid;
        }

        if (args[0] == "help")
        {
            if (args.Length > 1 && !root.Subcommands.Any(command => command.Name == args[1]))
                return Refuse([ParseProblems.UnknownCommand(root, args[1])], isJson: false);
            args = [.. args.Skip(1).Take(1), "--help"];
        }

        ParseResult parsed = Parse(root, args);

        if (parsed.Action is HelpAction)
            return await InvokeAsync(parsed, args);

        // System.CommandLine would answer a mistake with the whole help; one line is enough.
        IReadOnlyList<string> problems = ParseProblems.Of(parsed, args);
        if (problems.Count == 0)
            problems = [.. Misplaced(parsed)];
        else
            problems = [.. problems, $"see {HelpText.FullName(parsed.CommandResult.Command)} --help"];
        return problems.Count > 0 ? Refuse(problems, WantsJson(parsed, args)) : await InvokeAsync(parsed, args);
    }

    /// <summary>What the library makes of the arguments.</summary>
    public static ParseResult Parse(RootCommand root, string[] args) => root.Parse(args, new ParserConfiguration
    {
        // A file whose name begins with @ is a file, and does not hold arguments.
        ResponseFileTokenReplacer = null,
    });

    /// <summary>The command has an option --json, and it is given, whatever else is wrong.</summary>
    public static bool WantsJson(ParseResult parsed, string[] args) =>
        parsed.CommandResult.Command.Options.Any(static option => option.Name == "--json")
        && args.TakeWhile(static arg => arg != "--").Any(static arg => arg is "--json" or "--json=true");

    private static int Refuse(IReadOnlyList<string> problems, bool isJson)
    {
        foreach (string line in problems)
            Messages.Tell(line);
        if (isJson)
            ErrorLine.Write(ExitCode.Invalid, problems[0]);
        return ExitCode.Invalid;
    }

    /// <summary>All commands and options: the one source of parsing, help, man pages and completions.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new(
            "Copies shared memory of a crashed process to a disk, past the page cache, with a fixed memory budget.");
        CopyCommand.AddTo(root);
        root.Subcommands.Add(CopyFilesCommand.Create());
        root.Subcommands.Add(InitCommand.Create());
        root.Subcommands.Add(CoreCommand.Create());
        root.Subcommands.Add(CaptureCommand.Create());
        root.Subcommands.Add(ListCommand.Create());
        root.Subcommands.Add(ShowCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(ExtractCommand.Create());
        root.Subcommands.Add(CatCommand.Create());
        root.Subcommands.Add(ServeCommand.Create());
        return root;
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, string[] args)
    {
        Messages messages = new(isQuiet: false, WantsJson(parsed, args));
        // The library must not handle signals: a copy that is stopped commits the files that are complete.
        InvocationConfiguration configuration = new()
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            if (parsed.Action is not HelpAction)
                return await parsed.InvokeAsync(configuration);
            Console.Out.Write(HelpText.Of(parsed.CommandResult.Command));
            return ExitCode.Complete;
        }
        catch (Exception error) when (IsTooManyFiles(error))
        {
            _ = messages.Failed("too many files are open. Raise the limit (ulimit -n, LimitNOFILE=)");
            return LastResort.ExitCodeNow;
        }
        catch (IOException error)
        {
            // Standard output is closed or full. This changes nothing about the copy, which is committed or not.
            Messages.Tell($"output cannot be written: {RuntimeFailure.Of(error).Name}");
            return LastResort.ExitCodeNow;
        }
        catch (Exception scarcity) when (IsScarcity(scarcity))
        {
            _ = messages.Failed(
                "there is not enough memory, or there are too many threads. Free some, or raise the limits "
                + "(ulimit -d, -u, -v; MemoryMax=, TasksMax=)");
            // The runtime needs memory to end a program, and would abort it (134) where there is none.
            LibcExtra.EndProcess(LastResort.ExitCodeNow);
            return LastResort.ExitCodeNow;
        }
#pragma warning disable CA1031 // Callers rely on the exit code: also a bug ends with one line and exit code 4.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            Messages.Tell($"an internal error; please report it: {bug}");
            return LastResort.ExitCodeNow;
        }
    }

    // The runtime opens files of its own, and can wrap that in other exceptions.
    private static bool IsTooManyFiles(Exception? error) => error is not null
        && ((error is IOException && new Errno(error.HResult).Name is "EMFILE" or "ENFILE")
            || IsTooManyFiles(error.InnerException));

    /// <summary>Memory or threads are short. The runtime can wrap that in other exceptions.</summary>
    public static bool IsScarcity(Exception? error) => error switch
    {
        null => false,
        OutOfMemoryException => true,
        // Its number is the kernel's.
        IOException io when new Errno(io.HResult).Name is "ENOMEM" or "EAGAIN" => true,
        _ => IsScarcity(error.InnerException),
    };

    /// <summary>
    /// One message for each option of a copy that stands in front of another command. The library accepts such
    /// options, and the command would ignore them.
    /// </summary>
    private static IEnumerable<string> Misplaced(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.RootCommandResult.Command == command)
            yield break;
        foreach (OptionResult given in parsed.RootCommandResult.Children.OfType<OptionResult>())
        {
            // An option with an action of its own, such as --version, is valid in front of every command.
            if (given.Implicit || given.Option.Action is not null)
                continue;
            string name = given.Option.Name;
            string mend = command.Options.Any(o => o.Name == name)
                ? $"Give it behind {command.Name}."
                : $"Leave it out; see bundlecopy {command.Name} --help.";
            yield return $"{name}: it is an option of a copy, and stands in front of {command.Name}. {mend}";
        }
    }
}
