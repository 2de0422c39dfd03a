using System.CommandLine;

namespace BundleCopier.Cli;

/// <summary>The help that was asked for, as the library words it but for one thing.</summary>
internal static class HelpText
{
    public static int Show(ParseResult parsed)
    {
        using StringWriter text = new();
        int exitCode = parsed.Invoke(new InvocationConfiguration { Output = text });
        Console.Out.Write(Mend(text.ToString(), parsed.CommandResult.Command.Arguments));
        return exitCode;
    }

    /// <summary>The library's list of arguments shows one that may be left out like one that may not; its line of usage is right.</summary>
    private static string Mend(string help, IEnumerable<Argument> arguments)
    {
        foreach (Argument argument in arguments.Where(a => a.Arity.MinimumNumberOfValues == 0))
        {
            string ellipsis = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
            string wrong = $"\n  <{argument.Name}>";
            string right = $"\n  [{argument.Name}{ellipsis}]";
            // As wide as it was, so that the descriptions stay in their column.
            help = help.Replace(wrong + new string(' ', right.Length - wrong.Length), right, StringComparison.Ordinal);
        }

        return help;
    }
}
