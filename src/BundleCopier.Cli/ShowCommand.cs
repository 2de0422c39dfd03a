using System.CommandLine;
using System.Text;
using BundleCopier.Input;
using BundleCopier.Native;
using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy show</c>: the receipt of a bundle in words.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        Argument<string> bundle = new("BUNDLE_DIR") { Description = "The bundle's directory." };
        Option<string?> html = new("--html")
        {
            Description = "Write a page with charts and maps of the files to FILE; - is standard output.",
            HelpName = "FILE",
        };
        Option<bool> force = new("--force") { Description = "Overwrite FILE." };
        const string what = "Tell what was saved, what is missing and why, where the time went, what others felt.";
        Command command = new("show", what) { bundle, html, force };
        command.SetAction(parsed => Run(
            parsed.GetValue(bundle)!, parsed.GetValue(html), parsed.GetValue(force), new Messages(isQuiet: false)));
        return command;
    }

    private static int Run(string path, string? html, bool mayOverwrite, Messages messages)
    {
        PageFile? page = null;
        if (html is null && mayOverwrite)
        {
            return messages.Invalid(
                new InputError("--force", "", "there is no file to overwrite", "Give --html FILE."));
        }

        if (html is not null and not "-" && !PageFile.Plan(html, mayOverwrite).Try(out page, out InputError? wrong))
            return messages.Invalid(wrong);
        if (page?.Obstacle is { } obstacle)
        {
            Messages.Tell(obstacle);
            return ExitCode.Failed;
        }

        if (page is null)
            ProgramSandbox.EnterForReading(path);
        else
            ProgramSandbox.EnterForShow(path, page.Directory);
        using Signals signals = new();
        try
        {
            if (!SummaryReader.Read(LinuxKernel.Instance, path, withMaps: html is not null, signals.Stop)
                .Try(out BundleSummary? bundle, out BundleProblem? problem))
            {
                return Tell(problem);
            }

            if (page is null)
                return Print(html is null ? Text(path, bundle) : ShowPage.Of(bundle));
            if (page.Write(ShowPage.Of(bundle)) is { } failure)
            {
                Messages.Tell(failure);
                return ExitCode.Failed;
            }

            return ExitCode.Complete;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.SignalBase + signals.Received;
        }
    }

    /// <summary>The text for a terminal.</summary>
    public static string Text(string path, BundleSummary bundle)
    {
        StringBuilder text = new();
        text.Append(Messages.Printed(path)).Append('\n');
        foreach (WordsPart part in ReceiptWords.Of(bundle))
        {
            text.Append('\n').Append(part.Title).Append('\n');
            foreach (string line in part.Lines)
                text.Append("  ").Append(Messages.OfReceipt(line)).Append('\n');
        }

        if (bundle.Whole.Count == 0)
            return text.ToString();
        text.Append("\nFiles\n");
        string[][] rows = [["SIZE", "DATA", "WRITTEN", "NAME"], .. bundle.Whole.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.Append("  ");
            for (int column = 0; column < widths.Length; column++)
                text.Append(row[column].PadLeft(widths[column])).Append("  ");
            text.Append(row[^1]).Append('\n');
        }

        int more = bundle.Saved.WholeFiles - bundle.Whole.Count;
        if (more > 0)
            text.Append("  and ").Append(more).Append(" more; the receipt names them all\n");
        return text.ToString();
    }

    private static string[] Cells(ShownFile file) =>
    [
        ByteSize.Format(file.Entry.SizeBytes),
        ByteSize.Format(file.Entry.DataBytes),
        ByteSize.Format(file.Entry.WrittenBytes)
            + (file.Entry.Compression == Receipt.OutputCompression.Lz4 ? " lz4" : ""),
        Messages.OfReceipt(file.Name),
    ];

    private static int Print(string text)
    {
        StandardOutput output = new();
        if (output.Write(Encoding.UTF8.GetBytes(text)) != OutputAnswer.Failed)
            return ExitCode.Complete;
        Messages.Tell($"standard output cannot be written: {output.Failure}");
        return ExitCode.Failed;
    }

    private static int Tell(BundleProblem problem)
    {
        switch (problem)
        {
            case BundleProblem.NoBundle none:
                Messages.Tell(none.Message);
                return ExitCode.Failed;
            case BundleProblem.NoMemory memory:
                Messages.Tell(memory.Message);
                return ExitCode.Failed;
            case BundleProblem.ReceiptDamaged damaged:
                Messages.Tell(damaged.Error.ToString());
                return ExitCode.Damaged;
            default:
                throw new InvalidOperationException($"Reading cannot end with {problem.GetType().Name}.");
        }
    }
}
