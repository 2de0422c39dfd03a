using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy copy</c>: copies files, patterns and directories without a manifest.</summary>
internal static class CopyFilesCommand
{
    public static Command Create()
    {
        Argument<string[]> sources = SourceOptions.Sources();
        Option<string?> to = new("--to")
        {
            Description = "The directory that gets the bundle; it must exist.",
            HelpName = "DEST",
        };
        Option<string?> name = SourceOptions.Name();
        Option<string[]> exclude = SourceOptions.Exclude();
        Command command = new("copy", "Copy files, patterns and whole directories into a bundle, without a manifest.")
        {
            sources, to, name, exclude,
        };
        CopyCommand copy = new();
        foreach (Option option in copy.OptionsWithoutManifest)
            command.Options.Add(option);
        command.SetAction((parsed, _) => copy.RunAsync(
            parsed,
            () =>
            {
                if (parsed.GetValue(to) is not { } destination)
                    return new InputError("--to", "", "it is missing", "Name the directory that gets the bundle.");
                Parsed<BundleManifest> manifest = SourceOptions.Manifest(
                    parsed.GetValue(sources) ?? [],
                    parsed.GetValue(name),
                    parsed.GetValue(exclude) ?? [],
                    copy.MessagesOf(parsed));
                return manifest.IsOk ? manifest.Value.WithDestination(destination, "--to") : manifest;
            }));
        return command;
    }
}

/// <summary>The options of commands that take sources instead of a manifest, and what they mean.</summary>
internal static class SourceOptions
{
    public static Argument<string[]> Sources() => new("SOURCE")
    {
        Description = "A file, a pattern for names in a directory, or a directory with everything below it.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Option<string?> Name() => new("--name", "--bundle")
    {
        Description = "The bundle's name; {host}, {time} and {boot} are filled in. [default: {host}-{time}]",
        HelpName = "NAME",
    };

    public static Option<string[]> Exclude() => new("--exclude")
    {
        Description =
            "Leave out files and directories whose name matches, in directories and patterns; may be given several "
            + "times.",
        HelpName = "PATTERN",
    };

    /// <summary>The manifest that the options mean, without a destination.</summary>
    public static Parsed<BundleManifest> Manifest(string[] sources, string? name, string[] exclude, Messages messages)
    {
        if (sources.Length == 0)
            return new InputError("SOURCE", "", "it is missing", "Name a file, a pattern or a directory.");
        Parsed<string> bundle = BundleNameText.Expand(name ?? BundleNameText.Standard, "--name");
        if (!bundle.IsOk)
            return bundle.Error;
        Parsed<SourceEntries> entries = CopySources.Of(LinuxKernel.Instance, sources, exclude);
        if (!entries.IsOk)
            return entries.Error;
        Parsed<BundleManifest> manifest =
            BundleManifest.Create(bundle.Value, entries.Value.Files, where: "SOURCE");
        if (!manifest.IsOk)
            return InWordsOfSources(manifest.Error, entries.Value.Files);
        foreach (string note in entries.Value.Notes)
            messages.Inform(note);
        return manifest;
    }

    // Who has no manifest knows nothing of its fields.
    private static InputError InWordsOfSources(InputError error, IReadOnlyList<ManifestFile> files)
    {
        if (error.Field == "bundle")
            return error with { Where = "--name", Field = "" };
        int at = Enumerable.Range(0, files.Count)
            .FirstOrDefault(i => error.Field.StartsWith($"files[{i}].", StringComparison.Ordinal), -1);
        if (at < 0)
            return error;
        const string mend =
            "Copy one of the two into another bundle, or write a manifest, which can give it another \"name\".";
        bool isClash = error.Mend.Contains("\"name\"", StringComparison.Ordinal);
        return error with { Where = files[at].Source, Field = "", Mend = isClash ? mend : error.Mend };
    }
}
