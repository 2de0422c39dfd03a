using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>
/// The last sentence of a run that is not complete: how much is saved, how much is missing, and the cause of most of
/// it: "178 of 360 MiB saved; 182 MiB missing: the disk is full".
/// </summary>
internal static class LastSentence
{
    /// <param name="saved">What the receipt says is saved.</param>
    /// <param name="missing">What is missing, by reason, the largest first.</param>
    public static string Of(SavedBytes saved, IReadOnlyList<ReceiptMissing> missing)
    {
        string unopened = saved.UnopenedFiles == 0 ? ""
            : $"{Messages.Count(saved.UnopenedFiles, "file")} of unknown size";
        string lost = saved.MissingBytes == 0 ? unopened
            : ByteSize.Format(saved.MissingBytes) + (unopened.Length == 0 ? "" : $" and {unopened}");
        // A file that grew during the copy lacks nothing that it had at the start.
        string what = lost.Length > 0 ? $"{lost} missing"
            : $"{Messages.Count(missing.Sum(static m => m.Files), "file")} not complete";
        return $"{OfAll(saved)} saved; {what}{Cause(missing)}";
    }

    private static string OfAll(SavedBytes saved)
    {
        string some = ByteSize.Format(saved.DataBytes);
        if (saved.MissingBytes == 0)
            return some;
        string all = ByteSize.Format(saved.DataBytes + saved.MissingBytes);
        (string number, string unit) = (some[..some.IndexOf(' ')], some[some.IndexOf(' ')..]);
        return (all.EndsWith(unit, StringComparison.Ordinal) ? number : some) + $" of {all}";
    }

    private static string Cause(IReadOnlyList<ReceiptMissing> missing)
    {
        if (missing.Count == 0)
            return "";
        string more = missing.Count == 1 ? "" : $"; and {Messages.Count(missing.Count - 1, "more cause")}";
        return $": {missing[0].Reason ?? missing[0].Code}{more}";
    }
}
