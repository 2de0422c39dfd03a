using System.CommandLine;
using System.Text;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// <c>bundlecopy capture</c>: copies all shared memory of a process, and facts about it, without a manifest.
/// </summary>
internal static class CaptureCommand
{
    private const int MaxCommBytes = 16; // TASK_COMM_LEN

    public static Command Create()
    {
        Option<int?> pid = new("--pid")
        {
            Description = "The process whose shared memory is copied.",
            HelpName = "N",
        };
        Option<string?> to = new("--to")
        {
            Description = "The directory that gets the bundle; it must exist.",
            HelpName = "DEST",
        };
        Option<string?> name = new("--name", "--bundle")
        {
            Description = "The bundle's name; {host}, {time} and {boot} are filled in. [default: COMMAND-PID-TIME]",
            HelpName = "NAME",
        };
        const string what = "Copy all shared memory of a process, with or without a name, and facts about it.";
        Command command = new("capture", what) { pid, to, name };
        CopyCommand copy = new();
        foreach (Option option in copy.OptionsWithoutManifest)
            command.Options.Add(option);
        command.SetAction((parsed, _) => copy.RunAsync(
            parsed, () => Manifest(parsed.GetValue(pid), parsed.GetValue(to), parsed.GetValue(name))));
        return command;
    }

    private static Parsed<BundleManifest> Manifest(int? pid, string? to, string? name)
    {
        if (pid is not { } number)
            return new InputError("--pid", "", "it is missing", "Give the number of a process.");
        if (to is null)
            return new InputError("--to", "", "it is missing", "Name the directory that gets the bundle.");
        Parsed<string> bundle = name is null
            ? CrashBundle.NameOf(CommandOf(number), number, DateTimeOffset.UtcNow)
            : BundleNameText.Expand(name, "--name");
        if (!bundle.IsOk)
            return bundle.Error;
        Parsed<BundleManifest> manifest = BundleManifest.Create(
            bundle.Value, [ManifestFile.OfProcess(new ProcessMemory(number))], where: "capture");
        return manifest.IsOk
            ? manifest.Value.WithDestination(to, "--to")
            : manifest.Error with
            {
                Where = manifest.Error.Field == "bundle" ? "--name" : "--pid",
                Field = "",
            };
    }

    // The name of the process; empty where there is none, which the receipt tells.
    private static string CommandOf(int pid)
    {
        if (pid <= 0 || !LinuxKernel.Instance.OpenProcess(pid).Try(out IProcess? process, out _))
            return "";
        using (process)
        {
            string comm = "";
            _ = process.ReadText("comm", piece =>
            {
                comm = Encoding.Latin1.GetString(piece[..Math.Min(piece.Length, MaxCommBytes)]).TrimEnd('\n');
                return false;
            });
            return comm;
        }
    }
}
