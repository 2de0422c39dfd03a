using System.CommandLine;
using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>The option <c>--progress</c> of all commands that show progress.</summary>
internal static class ProgressOption
{
    public static Option<string> Create() => new("--progress")
    {
        Description = "Show progress on one line; auto: on a terminal, and plain lines in the journal.",
        HelpName = "auto|always|never",
        DefaultValueFactory = static _ => "auto",
    };

    /// <summary>What the user wants.</summary>
    public static Parsed<ProgressWish> WishOf(ParseResult parsed, Option<string> option) =>
        Choices.Parse<ProgressWish>(parsed.GetValue(option)!, option.Name);
}

/// <summary>When to show progress.</summary>
internal enum ProgressWish
{
    Auto,
    Always,
    Never,
}
