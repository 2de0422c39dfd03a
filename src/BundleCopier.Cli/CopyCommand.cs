using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>
/// The options of a copy. They become a manifest and settings: options beat the configuration file, and the file beats
/// the defaults.
/// </summary>
internal sealed class CopyCommand
{
    private readonly Option<string?> manifest = new("--manifest")
    {
        Description = "What to copy: a JSON file, or - for standard input.",
        HelpName = "crash.json",
    };

    private readonly Option<string?> config = new("--config")
    {
        Description = "Settings in HOCON; bundle.hocon lists them all.",
        HelpName = "bundle.hocon",
    };

    private readonly Option<string?> destination = new("--destination")
    {
        Description = "The directory that gets the bundle, instead of the manifest's destination.",
        HelpName = "DIR",
    };

    private readonly Option<string?> bundle = new("--bundle")
    {
        Description = "The bundle's name, instead of the manifest's; {host}, {time} and {boot} are filled in.",
        HelpName = "NAME",
    };

    private readonly Option<string?> compression = new("--compression")
    {
        Description = "Make .lz4 files; auto compresses only while the disk is the bottleneck. [default: none]",
        HelpName = "none|lz4|auto",
    };

    private readonly Option<string?> budget = new("--budget")
    {
        Description = "Most data in flight, 2MiB to 4GiB. [default: 32MiB, or a quarter of a low memory limit]",
        HelpName = "32MiB",
    };

    private readonly Option<string?> maxRate = new("--max-rate")
    {
        Description = "Most bytes written in a second, 1MiB or more, or off. [default: off]",
        HelpName = "200MiB",
    };

    private readonly Option<string?> profile = new("--profile")
    {
        Description = "How gentle the copy is to other programs. [default: balanced]",
        HelpName = "gentle|balanced|full",
    };

    private readonly Option<string[]> set = new("--set")
    {
        Description = "Any other setting, such as writer.threads=2; may be given several times.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string?> deadline = new("--deadline")
    {
        Description = "Commit what is saved when this time has passed since the start. [default: off]",
        HelpName = "30s",
    };

    private readonly Option<bool> canary = new("--canary")
    {
        Description = "Measure what other programs feel of the copy, for the receipt.",
    };

    private readonly Option<bool> dryRun = new("--dry-run", "-n")
    {
        Description = "Show what would be copied, and write nothing.",
    };

    private readonly Option<bool> fresh = new("--fresh")
    {
        Description = "Start over, and do not go on from what a killed copy of the same bundle has left.",
    };

    private readonly Option<bool> replace = new("--replace")
    {
        Description = "Replace a bundle of this name; the old one is removed when the new one is on disk.",
    };

    private readonly Option<string> progress = ProgressOption.Create();

    private readonly Option<bool> json = new("--json")
    {
        Description = "Write progress and then the receipt to standard output, one JSON object per line.",
    };

    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print errors only." };

    private readonly Option<bool> verbose = new("--verbose", "-v")
    {
        Description = "Show each step of the copy; the same as --log-level debug.",
    };

    private readonly Option<string?> logLevel = new("--log-level")
    {
        Description = "Log to standard error; debug shows each step of the copy. [default: warning]",
        HelpName = "off|error|warning|info|debug",
    };

    /// <summary>The options of every command that copies.</summary>
    public IReadOnlyList<Option> OptionsWithoutManifest =>
    [
        config, compression, budget, maxRate, profile, deadline, set, canary, dryRun, fresh, replace, progress, json,
        quiet, verbose, logLevel,
    ];

    public static void AddTo(RootCommand root)
    {
        CopyCommand command = new();
        Option[] options =
            [command.manifest, command.destination, command.bundle, .. command.OptionsWithoutManifest];
        foreach (Option option in options)
            root.Options.Add(option);
        root.SetAction((parsed, _) => command.RunAsync(parsed, () => command.ReadManifest(parsed)));
    }

    /// <summary>Messages as the options want them.</summary>
    public Messages MessagesOf(ParseResult parsed) => new(parsed.GetValue(quiet), parsed.GetValue(json))
    {
        DestinationOption = parsed.CommandResult.Command is RootCommand ? destination.Name : "--to",
        CanReplace = !parsed.GetValue(replace),
    };

    /// <summary>Copies.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="choose">Tells what to copy; its destination must be set.</param>
    public async Task<int> RunAsync(ParseResult parsed, Func<Parsed<BundleManifest>> choose)
    {
        Messages messages = MessagesOf(parsed);
        Parsed<CopyRequest> request = Request(parsed, choose);
        if (!request.IsOk)
            return messages.Invalid(request.Error);
        if (ProgramSandbox.EnterForCopy(request.Value) is { } lack)
            return messages.Failed(lack);

        return request.Value.IsDryRun
            ? DryRun.Run(request.Value, messages)
            : await CopyRun.RunAsync(request.Value, messages);
    }

    private Parsed<CopyRequest> Request(ParseResult parsed, Func<Parsed<BundleManifest>> choose)
    {
        Parsed<ConfigFile> file = ConfigFile.Read(parsed.GetValue(config));
        if (!file.IsOk)
            return file.Error;
        Parsed<List<SettingOverlay.Given>> overlay = Overlay(parsed);
        if (!overlay.IsOk)
            return overlay.Error;
        file = SettingOverlay.Apply(file.Value, overlay.Value);
        if (!file.IsOk)
            return file.Error;
        Akka.Configuration.Config systemConfig = file.Value.System;
        CopySettings chosen = file.Value.Copy;
        if (parsed.GetValue(budget) is { } wanted)
        {
            Parsed<long> bytes = CopySettings.ParseBudget(wanted, "--budget");
            if (!bytes.IsOk)
                return bytes.Error;
            chosen = chosen with { BudgetBytes = bytes.Value };
        }
        else
        {
            chosen = file.Value.WithStandardBudget();
        }

        if (parsed.GetValue(deadline) is { } time)
        {
            Parsed<DeadlineChoice> choice = CopySettings.ParseDeadline(time, "--deadline");
            if (!choice.IsOk)
                return choice.Error;
            chosen = chosen with { Deadline = choice.Value.Time };
        }

        if (parsed.GetValue(compression) is { } compress)
        {
            Parsed<Compression> choice = Choices.Parse<Compression>(compress, "--compression");
            if (!choice.IsOk)
                return choice.Error;
            chosen = chosen with { Compression = choice.Value };
        }

        if (parsed.GetValue(canary))
            chosen = chosen with { Canary = true };
        if (parsed.GetValue(fresh))
            chosen = chosen with { StartsFresh = true };

        if (parsed.GetValue(replace))
            chosen = chosen with { Replace = true };

        if (parsed.GetValue(quiet) && parsed.GetValue(verbose))
            return new InputError("--quiet", "", "it contradicts --verbose", "Give one of the two.");

        Parsed<ProgressWish> wish = ProgressOption.WishOf(parsed, progress);
        if (!wish.IsOk)
            return wish.Error;

        if ((parsed.GetValue(logLevel) ?? (parsed.GetValue(verbose) ? "debug" : null)) is { } level)
        {
            Parsed<LogWish> choice = Choices.Parse<LogWish>(level, "--log-level");
            if (!choice.IsOk)
                return choice.Error;
            systemConfig = Akka.Configuration.ConfigurationFactory
                .ParseString($"akka.loglevel = {choice.Value.ToString().ToUpperInvariant()}")
                .WithFallback(systemConfig);
        }

        Parsed<BundleManifest> what = choose();
        if (!what.IsOk)
            return what.Error;
        return new CopyRequest(
            what.Value,
            chosen,
            systemConfig,
            parsed.GetValue(dryRun),
            parsed.GetValue(json),
            parsed.GetValue(quiet),
            wish.Value);
    }

    // The options that are settings under a shorter name. They beat --set.
    private Parsed<List<SettingOverlay.Given>> Overlay(ParseResult parsed)
    {
        List<SettingOverlay.Given> all = [];
        foreach (string text in parsed.GetValue(set) ?? [])
        {
            Parsed<SettingOverlay.Given> one = SettingOverlay.Parse(text);
            if (!one.IsOk)
                return one.Error;
            all.Add(one.Value);
        }

        foreach ((Option<string?> option, string key) in
            ((Option<string?>, string)[])[(maxRate, SettingKeys.WriterMaxRate), (profile, SettingKeys.GovernorProfile)])
        {
            if (parsed.GetValue(option) is { } value)
                all.Add(new SettingOverlay.Given(option.Name, key, value));
        }

        return all;
    }

    private Parsed<BundleManifest> ReadManifest(ParseResult parsed)
    {
        if (parsed.GetValue(manifest) is { Length: > 0 } path)
            return ReadManifest(path, parsed.GetValue(destination), parsed.GetValue(bundle));
        const string mend =
            "Name the manifest, or - for standard input, or use bundlecopy copy; see bundlecopy --help.";
        return new InputError("--manifest", "", "it is missing", mend);
    }

    private static Parsed<BundleManifest> ReadManifest(string path, string? destination, string? bundle)
    {
        string where = path == "-" ? "stdin" : path;
        Parsed<byte[]> bytes = InputFile.Read(path, "--manifest", where, ManifestReader.MaxBytes);
        if (!bytes.IsOk)
            return bytes.Error;
        Parsed<BundleManifest> manifest = ManifestReader.Read(bytes.Value.AsSpan(), where);
        if (manifest.IsOk && destination is not null)
            manifest = manifest.Value.WithDestination(destination, "--destination");
        if (manifest.IsOk && manifest.Value.Destination is null)
        {
            const string mend = "Name the directory that gets the bundle, here or with --destination.";
            return new InputError(where, "destination", "there is none", mend);
        }

        if (manifest.IsOk && bundle is not null)
        {
            Parsed<string> name = BundleNameText.Expand(bundle, "--bundle");
            manifest = name.IsOk ? manifest.Value.WithBundle(name.Value, "--bundle") : name.Error;
        }

        if (!manifest.IsOk)
            return manifest;
        foreach ((int index, ManifestFile file) in manifest.Value.Files.Index())
        {
            if (file.Stream is null && file.Process is null && file.SysV is null
                && CopySources.WildcardProblem(
                    LinuxKernel.Instance, where, $"files[{index}].source", file.Source) is { } wildcard)
            {
                return wildcard;
            }
        }

        return manifest;
    }
}

/// <summary>How much to log.</summary>
internal enum LogWish
{
    Off,
    Error,
    Warning,
    Info,
    Debug,
}

/// <summary>A valid request for a copy.</summary>
internal sealed record CopyRequest(
    BundleManifest Manifest,
    CopySettings Settings,
    Akka.Configuration.Config SystemConfig,
    bool IsDryRun,
    bool IsJson,
    bool IsQuiet,
    ProgressWish Progress);
