using System.CommandLine;

namespace BundleCopier.Cli;

/// <summary>Prints the help of a command: the text of System.CommandLine with one correction.</summary>
internal static class HelpText
{
    public static int Show(ParseResult parsed)
    {
        using StringWriter text = new();
        int exitCode = parsed.Invoke(new InvocationConfiguration { Output = text });
        Console.Out.Write(Mend(text.ToString(), parsed.CommandResult.Command.Arguments));
        return exitCode;
    }

    /// <summary>
    /// Marks optional arguments in the list of arguments with [NAME]. The library does so only in the line of usage.
    /// </summary>
    private static string Mend(string help, IEnumerable<Argument> arguments)
    {
        foreach (Argument argument in arguments.Where(a => a.Arity.MinimumNumberOfValues == 0))
        {
            string ellipsis = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
            string wrong = $"\n  <{argument.Name}>";
            string right = $"\n  [{argument.Name}{ellipsis}]";
            // Replace as many characters, so that the descriptions stay aligned.
            help = help.Replace(wrong + new string(' ', right.Length - wrong.Length), right, StringComparison.Ordinal);
        }

        return help;
    }
}
