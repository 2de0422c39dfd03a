using System.CommandLine;

namespace BundleCopier.Cli;

/// <summary>What the help of a command says beside its options.</summary>
/// <param name="Usage">The forms of the command.</param>
/// <param name="Examples">Examples.</param>
/// <param name="ExitCodes">The exit codes that it can have.</param>
internal sealed record CommandNotes(
    IReadOnlyList<string> Usage,
    IReadOnlyList<CommandExample> Examples,
    IReadOnlyList<CommandExitCode> ExitCodes)
{
    private static readonly CommandExitCode Invalid = new("2", "an option, the manifest or a setting is not valid");
    private static readonly CommandExitCode Signals = new("129, 130, 143", "stopped by SIGHUP, SIGINT or SIGTERM");

    private static readonly CommandExitCode[] OfCopies =
    [
        new("0", "complete: every file, every byte"),
        new("2", "an option, the manifest or a setting is not valid; nothing was written"),
        new("3", "partial: the bundle is committed, and its receipt says what is missing and why"),
        new("4", "failed: nothing is committed"),
        new("129, 130, 143", "stopped by SIGHUP, SIGINT or SIGTERM; what was complete is committed"),
    ];

    private static readonly CommandExitCode[] OfReading =
    [
        new("0", "all that was asked for is there and is right"),
        new("2", "an option or a name is not valid"),
        new("3", "something is not in the bundle, or cannot be checked"),
        new("4", "there is no bundle, or the output cannot be written"),
        new("5", "data does not match its checksum"),
        Signals,
    ];

    private static readonly Dictionary<string, CommandNotes> All = new()
    {
        [HelpText.Program] = new(
            ["bundlecopy --manifest FILE [OPTION...]", "bundlecopy COMMAND ..."],
            [
                new("bundlecopy --manifest crash.json", "Copies what the manifest names."),
                new("bundlecopy --manifest crash.json -n", "Shows what would be copied, and how much space it needs."),
                new("bundlecopy copy --to /var/crash /dev/shm/engine.heap", "Copies a file without a manifest."),
            ],
            OfCopies),
        ["copy"] = new(
            ["bundlecopy copy --to DEST [OPTION...] SOURCE..."],
            [
                new("bundlecopy copy --to /var/crash /dev/shm/engine.heap '/dev/shm/engine-*.ring'",
                    "Copies a file, and all files whose names match."),
                new("bundlecopy copy --to /var/crash --name 'engine-{boot}' --exclude '*.tmp' /dev/shm/engine",
                    "Copies a directory with everything below it. After a kill the same command goes on."),
            ],
            OfCopies),
        ["init"] = new(
            ["bundlecopy init [OPTION...] SOURCE..."],
            [
                new("bundlecopy init --to /var/crash -o crash.json /dev/shm/engine.heap /dev/shm/cache",
                    "Writes a manifest for a file and a directory."),
            ],
            [
                new("0", "the manifest is written"),
                Invalid,
                new("4", "the file exists already, or cannot be written"),
            ]),
        ["core"] = new(
            ["bundlecopy core --to DEST [--config FILE] %P %u %g %s %t %h %e"],
            [
                new("sysctl -w kernel.core_pattern='|/usr/bin/bundlecopy core --to /var/crash %P %u %g %s %t %h %e'",
                    "The kernel starts bundlecopy for each crash."),
            ],
            OfCopies),
        ["capture"] = new(
            ["bundlecopy capture --pid N --to DEST [OPTION...]"],
            [
                new("bundlecopy capture --pid 4711 --to /var/crash",
                    "Copies all shared memory of process 4711, and facts about it."),
            ],
            OfCopies),
        ["list"] = new(
            ["bundlecopy list [OPTION...] [DEST]"],
            [
                new("bundlecopy list /var/crash", "Shows what bundles there are."),
                new("bundlecopy list --json /var/crash | jq -r 'select(.status != \"complete\") | .path'",
                    "Names the bundles that are not complete."),
            ],
            [
                new("0", "the bundles are listed, also those that are not complete or damaged"),
                Invalid,
                new("4", "the directory or the output cannot be used"),
                Signals,
            ]),
        ["show"] = new(
            ["bundlecopy show [OPTION...] BUNDLE_DIR"],
            [
                new("bundlecopy show /var/crash/b", "Tells what was saved, what is missing, and why."),
                new("bundlecopy show /var/crash/b --html b.html", "Makes a page with charts and maps of the files."),
            ],
            [
                new("0", "the receipt is told"),
                Invalid,
                new("4", "there is no bundle, or the file exists already or cannot be written"),
                new("5", "the receipt is damaged"),
                Signals,
            ]),
        ["verify"] = new(
            ["bundlecopy verify [OPTION...] BUNDLE_DIR..."],
            [
                new("bundlecopy verify /var/crash/b", "Reads the bundle back and compares it with its receipt."),
                new("bundlecopy verify --complete --json /var/crash/*",
                    "Asks of each bundle whether all that was wanted is there and whole."),
            ],
            OfReading),
        ["extract"] = new(
            [
                "bundlecopy extract [OPTION...] BUNDLE_DIR DEST [NAME...]",
                "bundlecopy extract [OPTION...] --to DEST BUNDLE_DIR...",
            ],
            [
                new("bundlecopy extract /var/crash/b restored", "Restores all files."),
                new("bundlecopy extract /var/crash/b restored core 'engine-*.ring' cache",
                    "Restores one file, those that match the pattern, and a directory with everything below it."),
                new("bundlecopy extract --skip-existing /var/crash/b restored",
                    "Goes on after it was stopped: files that are there are left as they are."),
                new("bundlecopy extract --preserve --to restored /var/crash/*",
                    "Restores several bundles, each into a directory of its own, with mode, owner and times."),
            ],
            OfReading),
        ["cat"] = new(
            ["bundlecopy cat [OPTION...] BUNDLE_DIR NAME"],
            [
                new("bundlecopy cat /var/crash/b engine.heap --offset 1GiB --length 4KiB | xxd",
                    "Shows 4 KiB from the middle of a file. Only they are read and decompressed."),
                new("bundlecopy cat /var/crash/b 'logs/*.txt'",
                    "Writes all files that match, one after the other."),
            ],
            OfReading),
        ["serve"] = new(
            [
                "bundlecopy serve [--config FILE]", "bundlecopy serve --status [--json] [--config FILE]",
                "bundlecopy serve --install|--uninstall [--config FILE]",
            ],
            [
                new("bundlecopy serve --config /etc/bundlecopy/serve.conf", "Waits for crashes, and copies them."),
                new("bundlecopy serve --status", "Asks the running server what it does."),
            ],
            [
                new("0", "SIGTERM or SIGINT has ended the server, or the question is answered"),
                Invalid,
                new("4", "the server cannot start, or does not answer"),
            ]),
    };

    /// <summary>The notes of a command; where there are none, what its arguments tell.</summary>
    public static CommandNotes Of(Command command) =>
        All.GetValueOrDefault(command is RootCommand ? HelpText.Program : command.Name)
        ?? new CommandNotes(
            [
                string.Join(' ', command.Arguments.Select(HelpText.ArgumentName)
                    .Prepend($"{HelpText.FullName(command)} [OPTION...]")),
            ],
            [],
            OfReading);

    /// <summary>True for an argument that the command itself asks for where it is missing.</summary>
    public static bool IsNeeded(Argument argument) => argument.Name is "SOURCE" or "COMMAND"
        || (argument.Name == "DEST" && !argument.HasDefaultValue);
}

/// <summary>An example.</summary>
/// <param name="Line">The command.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record CommandExample(string Line, string Meaning);

/// <summary>An exit code, or several that mean the same.</summary>
/// <param name="Code">The number.</param>
/// <param name="Meaning">What it means.</param>
internal sealed record CommandExitCode(string Code, string Meaning);
