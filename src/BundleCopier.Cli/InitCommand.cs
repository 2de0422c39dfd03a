using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy init</c>: writes a manifest for sources.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        Argument<string[]> sources = SourceOptions.Sources();
        Option<string?> output = new("--output", "-o")
        {
            Description = "The file to write. [default: standard output]",
            HelpName = "crash.json",
        };
        Option<bool> force = new("--force") { Description = "Replace the file if it exists." };
        Option<string?> to = new("--to")
        {
            Description = "The manifest's destination: the directory that gets the bundle.",
            HelpName = "DEST",
        };
        Option<string?> name = SourceOptions.Name();
        Option<string[]> exclude = SourceOptions.Exclude();
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print errors only." };
        Command command = new("init", "Write a manifest for files, patterns and whole directories.")
        {
            sources, output, force, to, name, exclude, quiet,
        };
        command.SetAction(parsed =>
        {
            Messages messages = new(parsed.GetValue(quiet));
            Parsed<BundleManifest> manifest = SourceOptions.Manifest(
                parsed.GetValue(sources) ?? [], parsed.GetValue(name), parsed.GetValue(exclude) ?? [], messages);
            if (manifest.IsOk && parsed.GetValue(to) is { } destination)
                manifest = manifest.Value.WithDestination(destination, "--to");
            return manifest.IsOk
                ? Write(manifest.Value, parsed.GetValue(output), parsed.GetValue(force), messages)
                : messages.Invalid(manifest.Error);
        });
        return command;
    }

    private static int Write(BundleManifest manifest, string? path, bool isForced, Messages messages)
    {
        byte[] text = ManifestText.Of(manifest);
        if (path is null or "-")
        {
            StandardOutput output = new();
            if (output.Write(text) != OutputAnswer.Failed)
                return ExitCode.Complete;
            Messages.Tell($"standard output cannot be written: {output.Failure}");
            return ExitCode.Failed;
        }

        if (path.Length == 0)
            return messages.Invalid(new InputError("--output", "", "it is empty", "Name a file."));
        if (NewFile.Write(path, text, isForced) is { } error)
        {
            string shown = Messages.Printed(path);
            Messages.Tell(error.Name == "EEXIST"
                ? $"{shown} exists already; --force replaces it"
                : $"{shown} cannot be written: {error.Name}");
            return ExitCode.Failed;
        }

        string shownPath = Messages.Printed(path);
        string where = manifest.Destination is null ? " --destination DIR" : "";
        messages.Inform($"written: {shownPath}; bundlecopy --manifest {shownPath}{where} copies it");
        return ExitCode.Complete;
    }
}
