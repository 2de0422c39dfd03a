using System.Globalization;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Cli;

/// <summary>
/// Tells the system's journal of each crash, with the fields that coredumpctl(1) reads. Where there is no journal,
/// nothing happens.
/// </summary>
internal static class CrashJournal
{
    // The message of systemd-coredump(8), SD_MESSAGE_COREDUMP in sd-messages.h: coredumpctl finds crashes by it.
    private const string MessageId = "fc2e22bc6ee647b6b90729ab34a250b1";

    private const string Critical = "2"; // LOG_CRIT in syslog(3), as systemd-coredump has it

    /// <summary>A copy of a core is over.</summary>
    public static void Tell(CrashFacts crash, CopyResult result)
    {
        switch (result)
        {
            case CopyResult.Committed committed:
                Send(SavedEntry(crash, committed.Path, committed.Receipt));
                break;
            case CopyResult.Refused refused:
                TellNotSaved(crash, refused.Refusal.Message);
                break;
            case CopyResult.Invalid invalid:
                TellNotSaved(crash, invalid.Error.ToString());
                break;
        }
    }

    /// <summary>A crash has no bundle.</summary>
    /// <param name="crash">The crash.</param>
    /// <param name="why">Why not.</param>
    public static void TellNotSaved(CrashFacts crash, string why) =>
        Send(Entry(crash, crash.Signal, $"its core is not saved: {why}"));

    /// <summary>The entry of a crash that has a bundle.</summary>
    /// <param name="crash">The crash.</param>
    /// <param name="bundle">The absolute path of the bundle.</param>
    /// <param name="receipt">What is in it.</param>
    public static JournalEntry SavedEntry(CrashFacts crash, string bundle, BundleReceipt receipt)
    {
        ReceiptFile? core = receipt.Files.FirstOrDefault(static f => f.Core is not null);
        string what = core?.Output is null ? "a bundle without its core" : "its core";
        string part = core is { Status: FileStatus.Copied } or { Output: null } ? "" : "a part of ";
        JournalEntry entry = Entry(crash, crash.Signal ?? core?.Core?.Signal, $"{part}{what} is in {bundle}");
        entry.AddPath("BUNDLECOPY_BUNDLE", bundle);
        entry.Add("BUNDLECOPY_STATUS", receipt.Status.ToString().ToLowerInvariant());
        if (core?.Output is not { } output)
            return entry;
        entry.AddPath("COREDUMP_FILENAME", Path.Combine(bundle, output));
        if (part.Length > 0)
            entry.Add("COREDUMP_TRUNCATED", "1");
        return entry;
    }

    private static JournalEntry Entry(CrashFacts crash, int? signal, string saved)
    {
        UnitNames unit = UnitNames.Of(crash.Words.Group);
        JournalEntry entry = new();
        entry.Add("MESSAGE_ID", MessageId);
        entry.Add("PRIORITY", Critical);
        entry.Add("SYSLOG_IDENTIFIER", "bundlecopy");
        entry.Add("MESSAGE", $"Process {crash.Pid} ({crash.Name}) of user {crash.Uid} crashed; {saved}");
        entry.Add("COREDUMP_PID", Number(crash.Pid));
        entry.Add("COREDUMP_UID", Number(crash.Uid));
        entry.Add("COREDUMP_GID", Number(crash.Gid));
        entry.Add("COREDUMP_SIGNAL", signal is { } number ? Number(number) : null);
        entry.Add("COREDUMP_TIMESTAMP", Number(crash.At.ToUnixTimeMilliseconds() * 1000));
        entry.Add("COREDUMP_COMM", crash.Name);
        entry.Add("COREDUMP_EXE", crash.Executable);
        entry.Add("COREDUMP_CMDLINE", crash.Words.CommandLine);
        entry.Add("COREDUMP_HOSTNAME", crash.Host);
        entry.Add("COREDUMP_CGROUP", crash.Words.Group);
        entry.Add("COREDUMP_UNIT", unit.Unit);
        entry.Add("COREDUMP_USER_UNIT", unit.UserUnit);
        entry.Add("COREDUMP_SLICE", unit.Slice);
        entry.Add("COREDUMP_SESSION", unit.Session);
        entry.Add("COREDUMP_OWNER_UID", unit.OwnerUid);
        return entry;
    }

    private static void Send(JournalEntry entry)
    {
        IoResult sent = SystemJournal.Send(entry.Bytes);
        if (!sent.IsOk && sent.Error.Name is not ("ENOENT" or "ENOTDIR" or "ECONNREFUSED"))
            Messages.Tell($"the journal has not taken the entry of a crash: {sent.Error.Name}");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
