using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Restore;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy extract</c>: restores files from bundles.</summary>
internal sealed class ExtractCommand
{
    private readonly Argument<string> bundle = new("BUNDLE_DIR") { Description = "The bundle's directory." };

    private readonly Argument<string?> destination = new("DEST")
    {
        Description = "The directory to restore into; it is created if its parent exists.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string[]> names = new("NAME")
    {
        Description = "Which files: names in the receipt, directories, or patterns. [default: all]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> to = new("--to")
    {
        Description = "Restore several bundles, each below DEST into a directory with the bundle's name.",
        HelpName = "DEST",
    };

    private readonly Option<bool> skipExisting = new("--skip-existing")
    {
        Description = "Leave files that exist as they are, and restore the others.",
    };

    private readonly Option<bool> keepDamaged = new("--keep-damaged")
    {
        Description = "Also restore damaged files, without their damaged parts: those become holes.",
    };

    private readonly Option<bool> preserve = new("--preserve")
    {
        Description = "Also restore mode, owner, time and extended attributes of the sources.",
    };

    private readonly Option<string> progress = ProgressOption.Create();

    private readonly Option<bool> json = new("--json")
    {
        Description = "Write one JSON object per bundle to standard output.",
    };

    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print errors only." };

    public static Command Create()
    {
        ExtractCommand options = new();
        Command command = new("extract", "Restore files, decompressed, with holes. Nothing is overwritten.")
        {
            options.bundle, options.destination, options.names, options.to, options.skipExisting, options.keepDamaged,
            options.preserve, options.progress, options.json, options.quiet,
        };
        command.SetAction(options.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        Messages messages = new(parsed.GetValue(quiet), parsed.GetValue(json));
        Parsed<ExtractRequest> request = Request(parsed);
        if (!request.IsOk)
            return messages.Invalid(request.Error);
        ExtractRequest wanted = request.Value;
        ProgramSandbox.EnterForExtract(
            [.. wanted.Bundles.Select(static b => b.Path)], wanted.Root, wanted.Options.Preserve);
        return new ExtractRun(wanted, messages).Run();
    }

    private Parsed<ExtractRequest> Request(ParseResult parsed)
    {
        Parsed<ProgressWish> wish = ProgressOption.WishOf(parsed, progress);
        if (!wish.IsOk)
            return wish.Error;
        string first = parsed.GetValue(bundle)!;
        string? second = parsed.GetValue(destination);
        string[] rest = parsed.GetValue(names) ?? [];
        string? root = parsed.GetValue(to) ?? second;
        if (root is null)
            return new InputError("DEST", "", "it is missing", "Name the directory to restore into.");
        Parsed<ExtractedBundle[]> bundles = parsed.GetValue(to) is null
            ? new[] { new ExtractedBundle(first, root) }
            : Below(root, [first, .. second is null ? [] : (string[])[second], .. rest]);
        if (!bundles.IsOk)
            return bundles.Error;
        return new ExtractRequest(
            bundles.Value,
            root,
            parsed.GetValue(to) is null ? rest : [],
            new ExtractOptions
            {
                KeepDamaged = parsed.GetValue(keepDamaged),
                SkipExisting = parsed.GetValue(skipExisting),
                Preserve = parsed.GetValue(preserve),
            },
            IsMany: parsed.GetValue(to) is not null,
            parsed.GetValue(json),
            parsed.GetValue(quiet),
            wish.Value);
    }

    /// <summary>Each bundle goes into a directory of its own.</summary>
    internal static Parsed<ExtractedBundle[]> Below(string root, IReadOnlyList<string> paths)
    {
        Dictionary<string, string> known = [];
        List<ExtractedBundle> bundles = [];
        foreach (string path in paths)
        {
            string name = PathText.Name(WorkingDirectory.FullPath(path).TrimEnd('/'));
            if (name.Length is 0 || name is "." or "..")
                return new InputError("BUNDLE_DIR", "", $"{Printable.Quoted(path)} has no name", "Name a directory.");
            if (!known.TryAdd(name, path))
            {
                return new InputError(
                    "BUNDLE_DIR",
                    "",
                    $"{Printable.Quoted(known[name])} and {Printable.Quoted(path)} have the same name",
                    "Restore them one after the other, into two directories.");
            }

            bundles.Add(new ExtractedBundle(path, PathText.Join(root, name)));
        }

        return bundles.ToArray();
    }
}

/// <summary>A bundle that is restored.</summary>
/// <param name="Path">Its directory.</param>
/// <param name="Destination">The directory that gets its files.</param>
internal sealed record ExtractedBundle(string Path, string Destination);

/// <summary>What to restore.</summary>
/// <param name="Bundles">The bundles.</param>
/// <param name="Root">The directory that has all destinations, or is the only one.</param>
/// <param name="Names">Which files; none for all.</param>
/// <param name="Options">How they are restored.</param>
/// <param name="IsMany">Each bundle gets a directory of its own below the root.</param>
/// <param name="IsJson">Standard output gets an object for each bundle.</param>
/// <param name="IsQuiet">Print errors only.</param>
/// <param name="Progress">When to show progress.</param>
internal sealed record ExtractRequest(
    IReadOnlyList<ExtractedBundle> Bundles,
    string Root,
    IReadOnlyList<string> Names,
    ExtractOptions Options,
    bool IsMany,
    bool IsJson,
    bool IsQuiet,
    ProgressWish Progress);
