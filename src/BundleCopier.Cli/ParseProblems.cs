using System.CommandLine;
using System.CommandLine.Parsing;
using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>What is wrong with a command line, one sentence for each mistake.</summary>
internal static class ParseProblems
{
    private const string Unrecognized = "Unrecognized command or argument";

    /// <summary>The mistakes; none where the command line can be run.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        List<string> problems = [];
        foreach ((int index, string token) in parsed.UnmatchedTokens.Index())
        {
            if (token.StartsWith('-') && token.Length > 1)
            {
                problems.Add(UnknownOption(parsed, command, token));
            }
            else if (command is RootCommand)
            {
                problems.Add(UnknownCommand(command, token));
                // What follows is meant for that command.
                return problems;
            }
            else
            {
                problems.Add($"{Printable.Quoted(token)} is one argument too many for {HelpText.FullName(command)}");
            }
        }

        problems.AddRange(MistakenForArguments(parsed, command).Select(token => UnknownOption(parsed, command, token)));
        problems.AddRange(parsed.Errors.Select(static e => e.Message)
            .Where(static m => !m.StartsWith(Unrecognized, StringComparison.Ordinal))
            .Select(OnOneLine));
        return [.. problems.Distinct()];
    }

    // The library takes an option that it does not know for an argument, where the command has any number of them. The
    // kernel gives the name of a process to "core", and that may begin with a dash.
    private static IEnumerable<string> MistakenForArguments(ParseResult parsed, Command command)
    {
        int end = parsed.Tokens.Index().FirstOrDefault(
            static t => t.Item.Type == TokenType.DoubleDash, (parsed.Tokens.Count, null!)).Index;
        HashSet<Token> inFront = new(parsed.Tokens.Take(end), ReferenceEqualityComparer.Instance);
        return command.Name == "core" ? [] : parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(static argument => argument.Tokens)
            .Where(token => inFront.Contains(token) && token.Value.Length > 1 && token.Value.StartsWith('-'))
            .Select(static token => token.Value);
    }

    private static string UnknownCommand(Command root, string token)
    {
        string[] commands = [.. root.Subcommands.Select(static c => c.Name)];
        return $"{Printable.Quoted(token)} is not a command. {Nearest.Mend(token, commands)}";
    }

    private static string UnknownOption(ParseResult parsed, Command command, string token)
    {
        string name = token.Split('=', 2)[0];
        string problem = $"{Printable.Shortened(name)}: it is not an option of {HelpText.FullName(command)}.";
        if (Near(name, command) is { } near)
            return $"{problem} Did you mean {near}?";
        Command[] others =
        [
            .. parsed.RootCommandResult.Command.Subcommands.Prepend(parsed.RootCommandResult.Command)
                .Where(other => other != command && NamesOf(other).Contains(name)),
        ];
        return others.Length == 0
            ? problem
            : $"{problem} It belongs to {string.Join(", ", others.Select(HelpText.FullName))}.";
    }

    // Dashes are left out: they are not where people mistype, and make short names look alike.
    private static string? Near(string name, Command command)
    {
        string[] names = [.. NamesOf(command).Where(static n => n.StartsWith("--", StringComparison.Ordinal))];
        string? near = Nearest.To(name.TrimStart('-'), names.Select(static n => n[2..]));
        return near is null ? null : $"--{near}";
    }

    private static IEnumerable<string> NamesOf(Command command) =>
        HelpText.OptionsOf(command).SelectMany(HelpText.NamesOf);

    private static string OnOneLine(string message) =>
        string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
