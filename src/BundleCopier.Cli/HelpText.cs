using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace BundleCopier.Cli;

/// <summary>
/// The help of a command: usage, arguments, options, examples, exit codes. Man pages and completions are written from
/// the same commands, options and notes (<see cref="CommandNotes"/>).
/// </summary>
internal static class HelpText
{
    public const string Program = "bundlecopy";

    private const int Width = 80;
    private const int TextColumn = 30;

    /// <summary>The help of a command.</summary>
    public static string Of(Command command)
    {
        CommandNotes notes = CommandNotes.Of(command);
        StringBuilder text = new();
        foreach ((int index, string usage) in notes.Usage.Index())
            text.Append(index == 0 ? "Usage: " : "       ").Append(usage).Append('\n');
        text.Append('\n');
        AppendWrapped(text, command.Description!, indent: 0, column: 0);
        if (command.Arguments.Count > 0)
        {
            text.Append("\nArguments:\n");
            foreach (Argument argument in command.Arguments)
                AppendRow(text, ArgumentName(argument), argument.Description!);
        }

        if (command.Subcommands.Count > 0)
        {
            text.Append("\nCommands:\n");
            foreach (Command one in command.Subcommands)
                AppendRow(text, one.Name, one.Description!);
        }

        text.Append("\nOptions:\n");
        foreach (Option option in OptionsOf(command))
            AppendRow(text, OptionName(option), DescriptionOf(option));
        if (notes.Examples.Count > 0)
        {
            text.Append("\nExamples:\n");
            foreach (CommandExample example in notes.Examples)
            {
                text.Append("  ").Append(example.Line).Append('\n');
                AppendWrapped(text, example.Meaning, indent: 6, column: 0);
            }
        }

        text.Append("\nExit codes:\n");
        foreach (CommandExitCode code in notes.ExitCodes)
            AppendRow(text, code.Code, code.Meaning, textColumn: 17);
        return text.ToString();
    }

    /// <summary>The name with all commands in front of it: <c>bundlecopy copy</c>.</summary>
    public static string FullName(Command command) =>
        command is RootCommand ? Program : $"{Program} {command.Name}";

    /// <summary>The options of a command that its help lists, with <c>--help</c> last.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
    [
        .. command.Options.Where(static o => !o.Hidden && o is not (HelpOption or VersionOption)),
        .. command.Options.Where(static o => o is VersionOption),
        .. command.Options.OfType<HelpOption>().DefaultIfEmpty(new HelpOption()),
    ];

    /// <summary>All names that an option has, short ones first: <c>-q</c>, <c>--quiet</c>.</summary>
    public static IReadOnlyList<string> NamesOf(Option option) => option is HelpOption
        ? ["-h", "--help"]
        : [.. option.Aliases.Append(option.Name).Distinct().Where(static n => n.StartsWith('-'))
            .OrderBy(static n => n.StartsWith("--", StringComparison.Ordinal))
            .ThenBy(n => n != option.Name)];

    /// <summary>What stands behind an option, such as <c>DIR</c>; null for a switch.</summary>
    public static string? ValueOf(Option option) =>
        option is HelpOption or VersionOption || option.ValueType == typeof(bool) ? null : option.HelpName ?? "VALUE";

    /// <summary>An argument as the help shows it: <c>[NAME...]</c>.</summary>
    public static string ArgumentName(Argument argument)
    {
        string name = argument.Name + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 && !CommandNotes.IsNeeded(argument) ? $"[{name}]" : name;
    }

    /// <summary>What an option does.</summary>
    public static string DescriptionOf(Option option) => option switch
    {
        HelpOption => "Show this help.",
        VersionOption => "Show the version and the commit.",
        _ => option.Description!,
    };

    private static string OptionName(Option option)
    {
        IReadOnlyList<string> names = NamesOf(option);
        string indent = names[0].StartsWith("--", StringComparison.Ordinal) ? "    " : "";
        return indent + string.Join(", ", names) + (ValueOf(option) is { } value ? $" {value}" : "");
    }

    private static void AppendRow(StringBuilder text, string name, string meaning, int textColumn = TextColumn)
    {
        text.Append("  ").Append(name);
        int column = name.Length + 2;
        if (column + 2 > textColumn)
        {
            text.Append('\n');
            column = 0;
        }

        AppendWrapped(text, meaning, textColumn, column);
    }

    private static void AppendWrapped(StringBuilder text, string words, int indent, int column)
    {
        text.Append(' ', Math.Max(0, indent - column));
        column = indent;
        bool isFirst = true;
        foreach (string word in words.Split(' '))
        {
            if (!isFirst && column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', indent);
                (column, isFirst) = (indent, true);
            }

            text.Append(isFirst ? "" : " ").Append(word);
            column += word.Length + (isFirst ? 0 : 1);
            isFirst = false;
        }

        text.Append('\n');
    }
}
