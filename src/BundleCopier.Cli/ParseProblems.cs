using System.CommandLine;
using System.CommandLine.Parsing;
using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>
/// What is wrong with a command line, one sentence for each mistake. None of them is in the library's words, which name
/// types of .NET.
/// </summary>
internal static class ParseProblems
{
    /// <summary>The mistakes; none where the command line can be run.</summary>
    /// <param name="parsed">What the library makes of the arguments.</param>
    /// <param name="args">The arguments.</param>
    public static IReadOnlyList<string> Of(ParseResult parsed, IReadOnlyList<string> args)
    {
        Command command = parsed.CommandResult.Command;
        List<string> problems = [.. WithoutValue(parsed, args)];
        string[] left = [.. parsed.UnmatchedTokens];
        int strange = Array.FindIndex(left, static token => !IsOption(token));
        // What follows the name of a command that is not known is meant for that command.
        bool isUnknown = command is RootCommand && strange >= 0;
        problems.AddRange((isUnknown ? left.Take(strange) : left).Where(IsOption)
            .Concat(MistakenForArguments(parsed, command)).Select(token => UnknownOption(parsed, command, token)));
        // The other mistakes may be only what follows from these.
        if (problems.Count == 0 && isUnknown)
            problems.Add(UnknownCommand(command, left[strange]));
        else if (problems.Count == 0)
            problems = [.. left.Select(token => TooMany(command, token)), .. Empty(parsed), .. Wrong(parsed)];
        return [.. problems.Distinct()];
    }

    /// <summary>
    /// The arguments, with those that the kernel gives to <c>core</c> marked: they are no options, whatever a process
    /// is named.
    /// </summary>
    public static string[] WithProtectedNames(string[] args)
    {
        if (args.Length == 0 || args[0] != "core")
            return args;
        int at = 1;
        while (at < args.Length && IsOption(args[at]))
        {
            if (args[at] == "--")
                return args;
            at += args[at] is "--to" or "--config" ? 2 : 1;
        }

        return at >= args.Length ? args : [.. args[..at], "--", .. args[at..]];
    }

    private static bool IsOption(string token) => token.StartsWith('-') && token.Length > 1;

    // The library takes whatever follows such an option for its value, another option as well.
    private static IEnumerable<string> WithoutValue(ParseResult parsed, IReadOnlyList<string> args)
    {
        Command command = parsed.CommandResult.Command;
        Dictionary<string, Option> options = [];
        foreach (Option option in HelpText.OptionsOf(command).Concat(parsed.RootCommandResult.Command.Options))
        {
            foreach (string name in HelpText.NamesOf(option))
                options.TryAdd(name, option);
        }

        for (int at = 0; at < args.Count && args[at] != "--"; at++)
        {
            if (!options.TryGetValue(args[at], out Option? option) || HelpText.ValueOf(option) is not { } value)
                continue;
            string? next = ++at < args.Count ? args[at] : null;
            bool isOption = next is not null && options.ContainsKey(next);
            if (next is null || isOption)
                yield return $"{args[at - 1]} needs a value: {value}";
            else if (next.StartsWith("--", StringComparison.Ordinal))
                yield return $"{args[at - 1]} needs a value: {value}. One that begins with dashes is written as "
                    + Printable.Shortened($"{option.Name}={next}");
            // It may need a value, too.
            if (isOption)
                at--;
        }
    }

    private static IEnumerable<string> Empty(ParseResult parsed)
    {
        // A process may have no name, and the machine neither.
        bool isCore = parsed.CommandResult.Command.Name == "core";
        foreach (SymbolResult given in parsed.CommandResult.Children)
        {
            if (!given.Tokens.Any(static token => token.Value.Length == 0))
                continue;
            string? name = given is OptionResult option ? option.Option.Name
                : given is ArgumentResult argument && !isCore ? argument.Argument.Name
                : null;
            if (name is not null)
                yield return $"{name}: it is empty. Give it a value; a variable of the shell may be without one";
        }
    }

    private static IEnumerable<string> Wrong(ParseResult parsed)
    {
        foreach (ParseError error in parsed.Errors)
        {
            switch (error.SymbolResult)
            {
                case OptionResult given when Wrong(given) is { } problem:
                    yield return $"{given.Option.Name}: {problem}";
                    break;
                case ArgumentResult { Parent: OptionResult given } when Wrong(given) is { } problem:
                    yield return $"{given.Option.Name}: {problem}";
                    break;
                case ArgumentResult { Tokens.Count: > 0 } given when given.Tokens.All(static t => t.Value.Length > 0):
                    yield return $"{given.Argument.Name}: {NoNumber(given.Tokens[^1].Value)}";
                    break;
                default:
                    break;
            }
        }

        CommandResult command = parsed.CommandResult;
        foreach (Argument argument in command.Command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0))
        {
            if (parsed.Errors.Count > 0 && command.GetResult(argument) is not { Tokens.Count: > 0 })
                yield return $"{argument.Name}: it is missing. {argument.Description}";
        }
    }

    private static string? Wrong(OptionResult given)
    {
        bool isSwitch = HelpText.ValueOf(given.Option) is null;
        return isSwitch ? "it is a switch, and takes no value"
            : given.Tokens.Count == 0 ? $"it needs a value: {HelpText.ValueOf(given.Option)}"
            : given.Tokens.Count > given.Option.Arity.MaximumNumberOfValues ? "it is given more than once"
            : given.Tokens[^1].Value.Length == 0 ? null
            : NoNumber(given.Tokens[^1].Value);
    }

    private static string NoNumber(string text) => Printable.Quoted(text)
        + (text.TrimStart('-').All(char.IsAsciiDigit) ? " is out of range" : " is not a whole number");

    // The library takes an option that it does not know for an argument, where the command has any number of them. The
    // kernel gives the name of a process to "core", and that may begin with a dash.
    private static IEnumerable<string> MistakenForArguments(ParseResult parsed, Command command)
    {
        int end = parsed.Tokens.Index().FirstOrDefault(
            static t => t.Item.Type == TokenType.DoubleDash, (parsed.Tokens.Count, null!)).Index;
        HashSet<Token> inFront = new(parsed.Tokens.Take(end), ReferenceEqualityComparer.Instance);
        return command.Name == "core" ? [] : parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(static argument => argument.Tokens)
            .Where(token => inFront.Contains(token) && IsOption(token.Value))
            .Select(static token => token.Value);
    }

    /// <summary>A word that is not the name of a command.</summary>
    public static string UnknownCommand(Command root, string token)
    {
        string[] commands = [.. root.Subcommands.Select(static c => c.Name)];
        return $"{Printable.Quoted(token)} is not a command. {Nearest.Mend(token, commands)}";
    }

    private static string TooMany(Command command, string token) =>
        $"{Printable.Quoted(token)} is one argument too many for {HelpText.FullName(command)}";

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
}
