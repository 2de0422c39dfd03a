using System.CommandLine;
using System.Text;
using BundleCopier.Cli;

namespace BundleCopier.Tests.CliDocuments;

/// <summary>Writes the man page of a command (man(7)) from what its help is made of.</summary>
internal static class ManPage
{
    public static string FileName(Command command) => $"{Title(command)}.1";

    public static string Of(RootCommand root, Command command)
    {
        CommandNotes notes = CommandNotes.Of(command);
        StringBuilder page = new();
        page.Append(".\\\" Written by scripts/write-cli-documents. Do not edit.\n");
        page.Append($".TH {Title(command).ToUpperInvariant()} 1 \"\" bundlecopy \"User Commands\"\n");
        string summary = command.Description!.TrimEnd('.');
        page.Append($".SH NAME\n{Text(Title(command))} \\- ");
        page.Append($"{Text(char.ToLowerInvariant(summary[0]) + summary[1..])}\n");
        page.Append(".SH SYNOPSIS\n.nf\n");
        foreach (string usage in notes.Usage)
            page.Append($"{Text(usage)}\n");
        page.Append($".fi\n.SH DESCRIPTION\n{Text(command.Description!)}\n");
        foreach (Argument argument in command.Arguments)
            page.Append($".TP\n.B {Text(HelpText.ArgumentName(argument))}\n{Text(argument.Description!)}\n");
        if (command.Subcommands.Count > 0)
        {
            page.Append(".SH COMMANDS\n");
            foreach (Command one in command.Subcommands)
                page.Append($".TP\n.BR {Text(Title(one))} (1)\n{Text(one.Description!)}\n");
        }

        page.Append(".SH OPTIONS\n");
        foreach (Option option in HelpText.OptionsOf(command))
        {
            string names = string.Join(", ", HelpText.NamesOf(option).Select(static n => $"\\fB{Text(n)}\\fR"));
            string value = HelpText.ValueOf(option) is { } text ? $" \\fI{Text(text)}\\fR" : "";
            page.Append($".TP\n{names}{value}\n{Text(HelpText.DescriptionOf(option))}\n");
        }

        if (notes.Examples.Count > 0)
        {
            page.Append(".SH EXAMPLES\n");
            foreach (CommandExample example in notes.Examples)
                page.Append($"{Text(example.Meaning)}\n.PP\n.nf\n.RS\n{Text(example.Line)}\n.RE\n.fi\n.PP\n");
        }

        page.Append(".SH EXIT STATUS\n");
        foreach (CommandExitCode code in notes.ExitCodes)
            page.Append($".TP\n.B {Text(code.Code)}\n{Text(code.Meaning)}\n");
        page.Append(".SH SEE ALSO\n");
        string[] others = [.. root.Subcommands.Prepend<Command>(root).Where(other => other != command).Select(Title)];
        page.AppendJoin(",\n", others.Select(static other => $".BR {Text(other)} (1)")).Append('\n');
        return page.ToString().Replace("(1),\n", "(1) ,\n", StringComparison.Ordinal);
    }

    private static string Title(Command command) => HelpText.FullName(command).Replace(' ', '-');

    // A dot or an apostrophe at the start of a line would be a request.
    private static string Text(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? $"\\&{escaped}" : escaped;
    }
}
