using System.CommandLine;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy list</c>: the bundles in a directory, the newest last.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Argument<string> destination = new("DEST")
        {
            Description = "The directory that has the bundles. [default: the working directory]",
            DefaultValueFactory = static _ => ".",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> json = new("--json")
        {
            Description = "Write one JSON object per bundle to standard output, instead of a table.",
        };
        Command command = new("list", "List the bundles in a directory, the newest last.") { destination, json };
        command.SetAction(parsed => Run(parsed.GetValue(destination)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool isJson)
    {
        ProgramSandbox.EnterForReading(path);
        using Signals signals = new();
        BundleListing? listing;
        try
        {
            Result<BundleListing, string> found = new BundleLister(LinuxKernel.Instance).List(path, signals.Stop);
            if (!found.Try(out listing, out string? problem))
                return new Messages(isQuiet: false, isJson).Failed(problem);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.SignalBase + signals.Received;
        }

        StandardOutput output = new();
        using OutputStream stream = new(output);
        if (isJson)
            ListRows.WriteJson(stream, path, listing);
        else
            ListRows.WriteTable(stream, listing);
        if (output.Failure is { } failure)
        {
            Messages.Tell($"standard output cannot be written: {failure}");
            return ExitCode.Failed;
        }

        if (listing.LeftOut > 0)
            Messages.Tell($"{listing.LeftOut} older bundles are left out");
        if (listing.Unreadable > 0)
        {
            string directories = listing.Unreadable == 1 ? "1 directory" : $"{listing.Unreadable} directories";
            Messages.Tell($"{directories} in {path} may not be read by this user, and may be bundles");
        }

        if (listing is { Bundles.Count: 0, Unreadable: 0 })
            Messages.Tell($"there are no bundles in {path}");
        return ExitCode.Complete;
    }
}
