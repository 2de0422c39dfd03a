using System.CommandLine;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Restore;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary><c>bundlecopy cat</c>: bytes of one file to standard output.</summary>
internal static class CatCommand
{
    public static Command Create()
    {
        Argument<string> bundle = new("BUNDLE_DIR") { Description = "The bundle's directory." };
        Argument<string> name = new("NAME")
        {
            Description = "The file's name in the receipt, or a directory, or a pattern.",
        };
        Option<string?> offset = new("--offset")
        {
            Description = "The first byte, such as 4096 or 2GiB. [default: 0]",
            HelpName = "N",
        };
        Option<string?> length = new("--length")
        {
            Description = "How many bytes. [default: to the end]",
            HelpName = "N",
        };
        const string what = "Write bytes of one file to standard output. Only the needed parts are decompressed.";
        Command command = new("cat", what) { bundle, name, offset, length };
        command.SetAction(parsed => Run(
            parsed.GetValue(bundle)!,
            parsed.GetValue(name)!,
            parsed.GetValue(offset),
            parsed.GetValue(length),
            new Messages(isQuiet: false)));
        return command;
    }

    private static int Run(string bundle, string name, string? offset, string? length, Messages messages)
    {
        Parsed<long> from = Size(offset, "--offset", 0);
        if (!from.IsOk)
            return messages.Invalid(from.Error);
        Parsed<long> count = Size(length, "--length", long.MaxValue);
        if (!count.IsOk)
            return messages.Invalid(count.Error);

        ProgramSandbox.EnterForReading(bundle);
        using Signals signals = new();
        StandardOutput output = new();
        OutputAnswer answer = OutputAnswer.Written;
        int code = ExitCode.Complete;
        bool isTold = false;
        try
        {
            CatReport report = new BundleContent().ReadEach(
                bundle,
                name,
                bytes => (answer = output.Write(bytes)) == OutputAnswer.Written,
                (file, each) =>
                {
                    isTold = true;
                    if (answer == OutputAnswer.Written)
                        code = ExitCode.Worst(code, Tell(file, each, messages));
                },
                from.Value,
                count.Value,
                signals.Stop);
            if (answer == OutputAnswer.Failed)
            {
                Messages.Tell($"standard output cannot be written: {output.Failure}");
                return ExitCode.Failed;
            }

            // The reader closed the pipe because it has enough, as head(1) does. This is not an error.
            if (answer == OutputAnswer.Closed)
                return ExitCode.Complete;
            return isTold && report is not CatReport.ReceiptDamaged
                ? code
                : ExitCode.Worst(code, Tell(name, report, messages));
        }
        catch (OperationCanceledException)
        {
            return ExitCode.SignalBase + signals.Received;
        }
    }

    private static Parsed<long> Size(string? text, string option, long otherwise)
    {
        if (text is null)
            return otherwise;
        if (ByteSize.TryParse(text, out long size))
            return size;
        const string mend = "Give a number of bytes, such as 4096, 64KiB or 1.5GiB.";
        return new InputError(option, "", $"\"{Messages.Printed(text)}\" is not a size", mend);
    }

    private static int Tell(string name, CatReport.Done done, Messages messages)
    {
        if (done.HasMissing)
        {
            messages.Inform(
                $"partial: {Messages.Printed(name)}: the bundle does not have all of this; "
                + "missing bytes were written as zeros");
        }

        if (done.IsUnchecked)
        {
            messages.Inform(
                $"not checked: {Messages.Printed(name)}: these bytes have no checksum of their own that can be used; "
                + "run bundlecopy verify");
        }

        if (done.SegmentsDamage is not { } damage)
            return done.HasMissing ? ExitCode.Partial : ExitCode.Complete;
        Messages.Tell($"damaged: {BundleNames.SegmentChecksums}: {damage.Message}");
        return ExitCode.Damaged;
    }

    private static int Tell(string name, CatReport report, Messages messages)
    {
        switch (report)
        {
            case CatReport.NoBundle none:
                Messages.Tell(none.Message);
                return ExitCode.Failed;
            case CatReport.NoMemory memory:
                Messages.Tell(memory.Message);
                return ExitCode.Failed;
            case CatReport.Invalid invalid:
                return messages.Invalid(invalid.Error);
            case CatReport.ReceiptDamaged receipt:
                Messages.Tell(receipt.Error.ToString());
                return ExitCode.Damaged;
            case CatReport.Absent absent:
                Messages.Tell($"not in the bundle: {Messages.Printed(name)}: {Messages.OfReceipt(absent.Message)}");
                return ExitCode.Partial;
            case CatReport.Damaged damaged:
                Messages.Tell($"damaged: {Messages.Printed(damaged.File)}: {damaged.Damage.Message}");
                return ExitCode.Damaged;
            case CatReport.Done done:
                return Tell(name, done, messages);
            default:
                throw new InvalidOperationException($"Reading cannot end with {report.GetType().Name}.");
        }
    }
}
