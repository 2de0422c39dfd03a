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
    [InlineData("BUNDLE_DIR", "verify", "/b", "")]
    [InlineData("BUNDLE_DIR", "show", "")]
    [InlineData("--html", "show", "/b", "--html", "")]
    [InlineData("BUNDLE_DIR", "cat", "", "a")]
    [InlineData("DEST", "list", "")]
    [InlineData("DEST", "extract", "/b", "")]
    [InlineData("NAME", "extract", "/b", "/d", "")]
    [InlineData("--to", "extract", "/b", "--to", "")]
    [InlineData("--output", "init", "-o", "", "/s")]
    [InlineData("SOURCE", "copy", "--to", "/d", "/s", "")]
    [InlineData("--to", "copy", "--to", "", "/s")]
    [InlineData("--to", "capture", "--pid", "1", "--to", "")]
    [InlineData("--pid", "capture", "--pid", "", "--to", "/d")]
    [InlineData("--manifest", "--manifest", "")]
    [InlineData("--destination", "--manifest", "m", "--destination", "")]
    [InlineData("--config", "serve", "--config", "")]
    [InlineData("--to", "core", "--to", "", "1", "2", "3", "4", "5", "", "")]
    public void What_is_empty_is_named(string name, params string[] args) =>
        Assert.Equal(
            [$"{name}: it is empty. Give it a value; a variable of the shell may be without one"],
            ParseProblems.Of(CommandLine.Parse(Root, args), args));

    [Theory]
    [InlineData("--bugdet: it is not an option of bundlecopy. Did you mean --budget?", "--bugdet=1")]
    [InlineData("-Q: it is not an option of bundlecopy verify.", "verify", "/b", "-Q")]
    [InlineData("\"verfy\" is not a command. Did you mean \"verify\"?", "verfy", "--quiet", "/b")]
    [InlineData("--frobnicate: it is not an option of bundlecopy copy.", "copy", "--frobnicate", "/a")]
    [InlineData("\"c\" is one argument too many for bundlecopy cat", "cat", "/b", "a", "c")]
    [InlineData("--name needs a value: NAME", "copy", "--to", "/d", "--name", "--budget", "32MiB", "/s")]
    [InlineData("--name needs a value: NAME. One that begins with dashes is written as --name=--x",
        "copy", "--name", "--x", "/s")]
    [InlineData("--pid needs a value: N", "capture", "--pid", "--to", "/d")]
    [InlineData("--output needs a value: crash.json", "init", "/s", "--output")]
    [InlineData("--pid: \"abc\" is not a whole number", "capture", "--pid", "abc", "--to", "/d")]
    [InlineData("--pid: \"99999999999\" is out of range", "capture", "--pid", "99999999999", "--to", "/d")]
    [InlineData("PID: \"%P\" is not a whole number", "core", "%P", "%u", "%g", "%s", "%t", "%h", "%e")]
    [InlineData("--budget: it is given more than once", "copy", "--budget", "1", "--budget", "2", "/s")]
    [InlineData("BUNDLE_DIR: it is missing. The directories of bundles.", "verify")]
    public void A_mistake_is_named_with_what_was_meant(string expected, params string[] args) =>
        Assert.Equal(expected, ParseProblems.Of(CommandLine.Parse(Root, args), args)[0]);

    [Theory]
    [InlineData("copy", "--to", "/d", "/s")]
    [InlineData("copy", "--to", "/d", "--name=--budget", "/s")]
    [InlineData("copy", "--to", "/d", "--name", "-s", "/s")]
    [InlineData("copy", "--to", "/d", "--", "--name", "@a", "/s")]
    [InlineData("verify", "@no-response-file")]
    [InlineData("capture", "--pid", "1", "--to", "/d")]
    public void What_is_right_is_no_mistake(params string[] args) =>
        Assert.Empty(ParseProblems.Of(CommandLine.Parse(Root, args), args));

    [Theory]
    [InlineData("core", "--to", "/d", "--", "1", "2", "3", "4", "5", "", "--to")]
    [InlineData("core", "--config=/c", "--", "1", "2", "3", "4", "5", "--config", "--config=/tmp/x")]
    [InlineData("core", "--", "1", "2", "3", "4", "5", "@h", "@/etc/passwd")]
    public void The_kernel_s_arguments_of_core_are_no_options(params string[] expected)
    {
        string[] args = ParseProblems.WithProtectedNames([.. expected.Where(static arg => arg != "--")]);
        Assert.Equal(expected, args);
        Assert.Equal(expected, ParseProblems.WithProtectedNames(args));
        Assert.Empty(ParseProblems.Of(CommandLine.Parse(Root, args), args));
    }

    [Fact]
    public void No_text_of_the_library_is_in_a_mistake()
    {
        List<string> said = [];
        foreach (Command command in Root.Subcommands.Append(Root))
        {
            string[] name = command is RootCommand ? [] : [command.Name];
            string[][] mistaken =
            [
                name,
                [.. name, "a", "b", "c", "d", "e", "f", "g"],
                .. command.Options.Where(static o => o.Name != "--help").SelectMany(o => (string[][])
                [
                    [.. name, o.Name], [.. name, o.Name, "x"], [.. name, $"{o.Name}="], [.. name, o.Name, ""],
                    [.. name, o.Name, "1", o.Name, "2"], [.. name, o.Name, "99999999999999999999"],
                ]),
            ];
            foreach (string[] args in mistaken)
            {
                ParseResult parsed = CommandLine.Parse(Root, args);
                IReadOnlyList<string> problems = ParseProblems.Of(parsed, args);
                Assert.True(problems.Count > 0 || parsed.Errors.Count == 0, string.Join(' ', args));
                said.AddRange(problems);
            }
        }

        Assert.DoesNotContain(said, static line => line.Contains("System.", StringComparison.Ordinal)
            || line.Contains("Required argument", StringComparison.Ordinal)
            || line.Contains("Cannot parse", StringComparison.Ordinal));
    }

    [Fact]
    public void An_option_that_a_command_lacks_comes_before_what_follows_from_it()
    {
        string[] args = ["show", "--json", "/b"];
        string only = Assert.Single(ParseProblems.Of(CommandLine.Parse(Root, args), args));
        Assert.StartsWith("--json: it is not an option of bundlecopy show. It belongs to ", only);
    }

    [Fact]
    public void An_option_of_another_command_is_named_with_it()
    {
        string[] args = ["verify", "/b", "--offset", "1"];
        Assert.Equal(
            "--offset: it is not an option of bundlecopy verify. It belongs to bundlecopy cat.",
            ParseProblems.Of(CommandLine.Parse(Root, args), args)[0]);
    }

    [Theory]
    [InlineData(true, "copy", "--json", "--bugdet", "1")]
    [InlineData(true, "verify", "--json", "--complet", "/b")]
    [InlineData(false, "show", "--json", "/b")]
    [InlineData(false, "verify", "--", "--json")]
    public void A_mistake_is_also_a_line_of_json_where_the_command_has_json(bool isJson, params string[] args) =>
        Assert.Equal(isJson, CommandLine.WantsJson(CommandLine.Parse(Root, args), args));

    private static bool IsUpToDate(string path, string text) =>
        File.Exists(Path.Combine(Repository.Folder, path)) && Repository.ReadText(path) == text;
}
