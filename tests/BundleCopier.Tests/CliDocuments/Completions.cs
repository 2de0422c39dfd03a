using System.CommandLine;
using System.Text;
using BundleCopier.Cli;

namespace BundleCopier.Tests.CliDocuments;

/// <summary>Writes the completions of shells from what the help is made of.</summary>
internal static class Completions
{
    private const string Notice = "Written by scripts/write-cli-documents. Do not edit.";

    private static readonly string[] Directories = ["DIR", "DEST", "BUNDLE_DIR"];

    public static string Bash(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"# bash completion for bundlecopy. {Notice}\n");
        text.Append("""
            _bundlecopy() {
              local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word i
              COMPREPLY=()
              for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                case $word in

            """);
        text.Append($"      {string.Join(" | ", root.Subcommands.Select(static c => c.Name))})\n");
        text.Append("""
                    command=$word
                    break
                    ;;
                esac
              done
              if [[ $prev == '=' ]] && ((COMP_CWORD >= 2)); then
                prev=${COMP_WORDS[COMP_CWORD - 2]}
              elif [[ $cur == '=' ]]; then
                cur=''
              fi
              case $command,$prev in

            """);
        foreach (Command command in All(root))
        {
            foreach (Option option in HelpText.OptionsOf(command).Where(static o => HelpText.ValueOf(o) is not null))
            {
                string names = string.Join(" | ", HelpText.NamesOf(option).Select(n => $"{Key(command)},{n}"));
                string words = ChoicesOf(option) is { } choices
                    ? $"mapfile -t COMPREPLY < <(compgen -W '{string.Join(' ', choices)}' -- \"$cur\")"
                    : KindOf(option) switch
                    {
                        ValueKind.Directory => "mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")",
                        ValueKind.File => "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")",
                        _ => ":",
                    };
                text.Append($"    {names})\n      {words}\n      return\n      ;;\n");
            }
        }

        text.Append("""
              esac
              if [[ $cur == -* ]]; then
                case $command in

            """);
        foreach (Command command in All(root))
        {
            string names = string.Join(' ', HelpText.OptionsOf(command).SelectMany(HelpText.NamesOf));
            text.Append($"      {(command is RootCommand ? "''" : command.Name)}) ");
            text.Append($"mapfile -t COMPREPLY < <(compgen -W '{names}' -- \"$cur\") ;;\n");
        }

        text.Append("""
                esac
              elif [[ -z $command ]]; then

            """);
        text.Append($"    mapfile -t COMPREPLY < <(compgen -W '{Commands(root)}' -- \"$cur\")\n");
        text.Append("""
              else
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
              fi
            }
            complete -o filenames -F _bundlecopy bundlecopy

            """);
        return text.ToString();
    }

    public static string Zsh(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"#compdef bundlecopy\n# {Notice}\n\n_bundlecopy() {{\n  local context state line\n");
        text.Append("  typeset -A opt_args\n  _arguments -C -s -S \\\n");
        foreach (Option option in HelpText.OptionsOf(root))
            text.Append($"    {ZshOption(option)} \\\n");
        text.Append("    '1:command:->command' \\\n    '*::argument:->argument' && return\n  case $state in\n");
        text.Append("    command)\n      local -a commands=(\n");
        foreach (Command command in root.Subcommands)
            text.Append($"        {Quoted($"{command.Name}:{command.Description}")}\n");
        text.Append("      )\n      _describe command commands\n      ;;\n    argument)\n      case $line[1] in\n");
        foreach (Command command in root.Subcommands)
        {
            text.Append($"        {command.Name})\n          _arguments -s -S \\\n");
            foreach (Option option in HelpText.OptionsOf(command))
                text.Append($"            {ZshOption(option)} \\\n");
            string files = command.Arguments.Count > 0 && Directories.Contains(command.Arguments[0].Name)
                && command.Arguments.Count == 1 ? "_files -/" : "_files";
            text.Append($"            '*:argument:{files}'\n          ;;\n");
        }

        text.Append("      esac\n      ;;\n  esac\n}\n\n_bundlecopy \"$@\"\n");
        return text.ToString();
    }

    public static string Fish(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"# fish completion for bundlecopy. {Notice}\n");
        string all = Commands(root);
        text.Append($"set -l commands {all}\n");
        foreach (Command command in root.Subcommands)
        {
            text.Append("complete -c bundlecopy -f -n \"not __fish_seen_subcommand_from $commands\" ");
            text.Append($"-a {command.Name} -d {FishQuoted(command.Description!)}\n");
        }

        foreach (Command command in All(root))
        {
            string when = command is RootCommand
                ? "\"not __fish_seen_subcommand_from $commands\""
                : $"\"__fish_seen_subcommand_from {command.Name}\"";
            foreach (Option option in HelpText.OptionsOf(command))
            {
                text.Append($"complete -c bundlecopy -n {when}");
                foreach (string name in HelpText.NamesOf(option))
                {
                    bool isLong = name.StartsWith("--", StringComparison.Ordinal);
                    text.Append(isLong ? $" -l {name[2..]}" : $" -s {name[1..]}");
                }

                if (ChoicesOf(option) is { } choices)
                    text.Append($" -x -a '{string.Join(' ', choices)}'");
                else if (KindOf(option) == ValueKind.Directory)
                    text.Append(" -x -a '(__fish_complete_directories)'");
                else if (KindOf(option) == ValueKind.File)
                    text.Append(" -r");
                else if (HelpText.ValueOf(option) is not null)
                    text.Append(" -x");
                text.Append($" -d {FishQuoted(HelpText.DescriptionOf(option))}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Command> All(RootCommand root) => root.Subcommands.Prepend(root);

    private static string Commands(RootCommand root) => string.Join(' ', root.Subcommands.Select(static c => c.Name));

    private static string Key(Command command) => command is RootCommand ? "" : command.Name;

    private static string ZshOption(Option option)
    {
        IReadOnlyList<string> names = HelpText.NamesOf(option);
        string about = $"[{HelpText.DescriptionOf(option).Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal)}]";
        string value = HelpText.ValueOf(option) is not { } name ? ""
            : ChoicesOf(option) is { } choices ? $":choice:({string.Join(' ', choices)})"
            : KindOf(option) switch
            {
                ValueKind.Directory => $":{name}:_files -/",
                ValueKind.File => $":{name}:_files",
                _ => $":{name}: ",
            };
        string repeats = option.Arity.MaximumNumberOfValues > 1 ? "*" : "";
        string equals = value.Length > 0 ? "=" : "";
        return names.Count == 1
            ? Quoted($"{repeats}{names[0]}{equals}{about}{value}")
            : $"'({string.Join(' ', names)})'{{{string.Join(',', names.Select(n =>
                n.StartsWith("--", StringComparison.Ordinal) ? n + equals : n))}}}{Quoted(about + value)}";
    }

    private static string[]? ChoicesOf(Option option) =>
        HelpText.ValueOf(option) is { } value && value.Contains('|') ? value.Split('|') : null;

    private static ValueKind KindOf(Option option) => HelpText.ValueOf(option) switch
    {
        { } value when Directories.Contains(value) => ValueKind.Directory,
        "FILE" => ValueKind.File,
        { } value when value.EndsWith(".json", StringComparison.Ordinal)
            || value.EndsWith(".hocon", StringComparison.Ordinal) => ValueKind.File,
        _ => ValueKind.Other,
    };

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string FishQuoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private enum ValueKind
    {
        Other,
        File,
        Directory,
    }
}
