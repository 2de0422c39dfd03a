using System.CommandLine;
using BundleCopier.Cli;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.CliDocuments;

/// <summary>
/// Help, man pages and completions come from the same commands, and those in the repository are up to date.
/// </summary>
public sealed class CliDocumentTests
{
    private const string Accept = "BUNDLECOPY_ACCEPT_CLI_DOCUMENTS";

    private static readonly RootCommand Root = CommandLine.Create();

    private static IEnumerable<Command> Commands => Root.Subcommands.Prepend(Root);

    private static IEnumerable<(string Path, string Text)> Documents =>
    [
        .. Commands.Select(static c => ($"packaging/man/{ManPage.FileName(c)}", ManPage.Of(Root, c))),
        ("packaging/completions/bundlecopy.bash", Completions.Bash(Root)),
        ("packaging/completions/_bundlecopy", Completions.Zsh(Root)),
        ("packaging/completions/bundlecopy.fish", Completions.Fish(Root)),
    ];

    // Not slow, but --fast is for the time in which commands change.
    [Fact]
    [Trait("Speed", "slow")]
    public void Man_pages_and_completions_are_those_of_the_commands()
    {
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            foreach ((string path, string text) in Documents)
                Repository.WriteText(path, text);
        }

        string[] old = [.. Documents.Where(static d => !IsUpToDate(d.Path, d.Text)).Select(static d => d.Path)];
        Assert.True(
            old.Length == 0, $"Run scripts/write-cli-documents and commit what it writes: {string.Join(", ", old)}");
        string[] pages = [.. Directory.GetFiles(Path.Combine(Repository.Folder, "packaging/man"))
            .Select(static p => $"packaging/man/{Path.GetFileName(p)}")];
        Assert.Empty(pages.Except(Documents.Select(static d => d.Path)));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void Help_fits_a_terminal_and_has_all_parts()
    {
        foreach (Command command in Commands)
        {
            string help = HelpText.Of(command);
            Assert.StartsWith($"Usage: {HelpText.FullName(command)} ", help, StringComparison.Ordinal);
            Assert.All(
                (string[])["\nOptions:\n", "\n  -h, --help ", "\nExit codes:\n"],
                part => Assert.Contains(part, help, StringComparison.Ordinal));
            // Examples are on one line, so that they can be copied.
            Assert.All(
                help.Split('\n').Where(static line => !line.StartsWith("  bundlecopy ", StringComparison.Ordinal)
                    && !line.StartsWith("  sysctl ", StringComparison.Ordinal)),
                static line => Assert.InRange(line.Length, 0, 80));
            foreach (Option option in HelpText.OptionsOf(command))
            {
                Assert.All(HelpText.NamesOf(option), name => Assert.Contains(name, help, StringComparison.Ordinal));
                Assert.EndsWith(
                    HelpText.DescriptionOf(option).EndsWith(']') ? "]" : ".",
                    HelpText.DescriptionOf(option),
                    StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("copy", "cop")]
    [InlineData("--budget", "--bud")]
    [InlineData("gentle", "copy", "--profile", "gen")]
    [InlineData("gentle", "copy", "--profile", "=", "gen")]
    [InlineData("--length", "cat", "/b", "a", "--len")]
    [InlineData("", "copy", "--budget", "")]
    public void Bash_completes_words(string expected, params string[] words)
    {
        const string script =
            "source \"$0\"; COMP_WORDS=(bundlecopy \"$@\"); COMP_CWORD=$#; _bundlecopy; echo \"${COMPREPLY[*]}\"";
        string path = Path.Combine(Repository.Folder, "packaging/completions/bundlecopy.bash");
        Assert.Equal(expected, Tool.Run("bash", ["-c", script, path, .. words]).Trim());
    }

    [Theory]
    [InlineData("--bugdet: it is not an option of bundlecopy. Did you mean --budget?", "--bugdet=1")]
    [InlineData("-Q: it is not an option of bundlecopy verify.", "verify", "/b", "-Q")]
    [InlineData("\"verfy\" is not a command. Did you mean \"verify\"?", "verfy", "--quiet", "/b")]
    [InlineData("--frobnicate: it is not an option of bundlecopy copy.", "copy", "--frobnicate", "/a")]
    [InlineData("\"c\" is one argument too many for bundlecopy cat", "cat", "/b", "a", "c")]
    public void A_mistake_is_named_with_what_was_meant(string expected, params string[] args) =>
        Assert.Equal(expected, ParseProblems.Of(Root.Parse(args))[0]);

    [Fact]
    public void An_option_of_another_command_is_named_with_it() => Assert.Equal(
        "--offset: it is not an option of bundlecopy verify. It belongs to bundlecopy cat.",
        ParseProblems.Of(Root.Parse(["verify", "/b", "--offset", "1"]))[0]);

    private static bool IsUpToDate(string path, string text) =>
        File.Exists(Path.Combine(Repository.Folder, path)) && Repository.ReadText(path) == text;
}
