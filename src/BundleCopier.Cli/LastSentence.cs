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
    public static string Of(SavedBytes saved, IReadOnlyList<ReceiptMissing> missing) =>
        $"{OfAll(saved)} saved; {Lost(saved, missing)}{Cause(missing)}";

    /// <summary>How much is missing, and the cause of most of it: <c>182 MiB missing: the disk is full</c>.</summary>
    /// <param name="saved">What the receipt says is saved.</param>
    /// <param name="missing">What is missing, by reason, the largest first; some of the reasons.</param>
    /// <param name="moreReasons">How many reasons there are besides.</param>
    public static string OfMissing(SavedBytes saved, IReadOnlyList<ReceiptMissing> missing, int moreReasons) =>
        Lost(saved, missing) + Cause(missing, moreReasons);

    /// <summary>How much is saved of what was wanted: <c>178 of 360 MiB</c>.</summary>
    public static string OfAll(SavedBytes saved)
    {
        string some = ByteSize.Format(saved.DataBytes);
        if (saved.MissingBytes == 0)
            return some;
        string all = ByteSize.Format(saved.WantedBytes);
        (string number, string unit) = (some[..some.IndexOf(' ')], some[some.IndexOf(' ')..]);
        return (all.EndsWith(unit, StringComparison.Ordinal) ? number : some) + $" of {all}";
    }

    private static string Lost(SavedBytes saved, IReadOnlyList<ReceiptMissing> missing)
    {
        string unopened = saved.UnopenedFiles == 0 ? ""
            : $"{Messages.Count(saved.UnopenedFiles, "file")} of unknown size";
        string lost = saved.MissingBytes == 0 ? unopened
            : ByteSize.Format(saved.MissingBytes) + (unopened.Length == 0 ? "" : $" and {unopened}");
        // A file that grew during the copy lacks nothing that it had at the start.
        return lost.Length > 0 ? $"{lost} missing"
            : $"{Messages.Count((int)Math.Min(int.MaxValue, missing.Sum(static m => (long)m.Files)), "file")} not "
                + "complete";
    }

    private static string Cause(IReadOnlyList<ReceiptMissing> missing, int moreReasons = 0)
    {
        if (missing.Count == 0)
            return "";
        int others = missing.Count - 1 + moreReasons;
        string more = others == 0 ? "" : $"; and {Messages.Count(others, "more cause")}";
        return $": {missing[0].Reason ?? missing[0].Code}{more}";
    }
}
