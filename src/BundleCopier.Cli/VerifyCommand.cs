using System.CommandLine;
using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy verify</c>: reads bundles back and compares them with their receipts.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Argument<string[]> bundles = new("BUNDLE_DIR")
        {
            Description = "The directories of bundles.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> complete = new("--complete")
        {
            Description = "Exit code 3 unless all that the copies should save is there, and whole.",
        };
        Option<string> progress = ProgressOption.Create();
        Option<bool> json = new("--json")
        {
            Description = "Write one JSON object per bundle to standard output.",
        };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print errors only." };
        const string what = "Read everything back, past the page cache, and compare it with the receipt.";
        Command command = new("verify", what) { bundles, complete, progress, json, quiet };
        command.SetAction(parsed =>
        {
            Messages messages = new(parsed.GetValue(quiet), parsed.GetValue(json));
            Parsed<ProgressWish> wish = ProgressOption.WishOf(parsed, progress);
            if (!wish.IsOk)
                return messages.Invalid(wish.Error);
            string[] paths = parsed.GetValue(bundles)!;
            ProgramSandbox.EnterForReading(paths);
            return new VerifyRun(
                new VerifyRequest(
                    paths,
                    parsed.GetValue(complete),
                    parsed.GetValue(json),
                    parsed.GetValue(quiet),
                    wish.Value),
                messages).Run();
        });
        return command;
    }
}

/// <summary>What to verify.</summary>
/// <param name="Paths">The bundles.</param>
/// <param name="IsComplete">Only a bundle that has all that was wanted is right.</param>
/// <param name="IsJson">Standard output gets an object for each bundle.</param>
/// <param name="IsQuiet">Print errors only.</param>
/// <param name="Progress">When to show progress.</param>
internal sealed record VerifyRequest(
    IReadOnlyList<string> Paths, bool IsComplete, bool IsJson, bool IsQuiet, ProgressWish Progress);
