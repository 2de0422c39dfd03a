using BundleCopier.Input;

namespace BundleCopier.Cli;

/// <summary>
/// Reports of a copy in words, for <see cref="StatusLine"/>. Rate and remaining time are those of the last seconds.
/// </summary>
internal sealed class ProgressText
{
    private const string Gap = "  ";

    // Less of a name tells nothing.
    private const int MinFileColumns = 8;

    private readonly ProgressRate rate = new();

    /// <summary>Takes a report that is perhaps not shown, for the rate.</summary>
    public void Observe(CopyProgress report) => _ = rate.After(report.DataBytes, report.Elapsed);

    /// <summary>A report in words. Only files that are complete count as copied.</summary>
    /// <param name="report">The report; newer than the one before.</param>
    /// <param name="maxColumns">
    /// What does not fit is left out: first the file that is copied now (or its end), then the number of files, then
    /// what holds the copy back, then incomplete files, then the rate, then the time.
    /// </param>
    public string Of(CopyProgress report, int maxColumns = int.MaxValue)
    {
        double? bytesPerSecond = rate.After(report.DataBytes, report.Elapsed);
        bool isCopying = report.Phase == CopyPhase.Copying;
        string first = isCopying ? $"{Percent(report),3}%" : report.Phase.ToString().ToLowerInvariant();
        string amount = report.DataBytesTotal > 0
            ? AmountText.Of(report.DataBytes, report.DataBytesTotal, "/") : "";
        string speed = isCopying && bytesPerSecond is { } fast ? $"{AmountText.Short((long)fast)}/s" : "";
        string incomplete = report.FilesIncomplete > 0 ? $"{report.FilesIncomplete} incomplete" : "";
        string files = report.FilesTotal > 1
            ? $"{report.FilesDone - report.FilesIncomplete}/{report.FilesTotal} files" : "";

        string held = report.HeldBackBy switch
        {
            CopyHold.Disk => "held back: the disk is needed",
            CopyHold.Memory => "held back: memory is short",
            CopyHold.MaxRate => "held back: max-rate",
            _ => "",
        };

        // In the order on the line; the number tells what is left out last.
        (string Text, int Rank)[] parts =
        [
            (first, 0), (amount, 1), (speed, 3), (Time(report, bytesPerSecond), 2), (files, 6), (incomplete, 4),
            (held, 5),
        ];
        long left = (long)maxColumns + Gap.Length;
        bool[] isShown = new bool[parts.Length];
        foreach (int i in Enumerable.Range(0, parts.Length).OrderBy(i => parts[i].Rank))
        {
            int needed = TextColumns.Of(parts[i].Text) + Gap.Length;
            isShown[i] = parts[i].Text.Length > 0 && needed <= left;
            left -= isShown[i] ? needed : 0;
        }

        IEnumerable<string> shown = parts.Where((_, i) => isShown[i]).Select(static p => p.Text);
        int room = (int)Math.Min(left - Gap.Length, int.MaxValue);
        if (isCopying && report.CurrentFile is { } file && room >= MinFileColumns)
            shown = shown.Append(TextColumns.Fit(Printable.Of(file), room));
        return string.Join(Gap, shown);
    }

    // Only a bundle that is committed is 100 %.
    private static int Percent(CopyProgress report) => report.DataBytesTotal <= 0
        ? 0
        : (int)Math.Clamp(100.0 * report.DataBytes / report.DataBytesTotal, 0, 99);

    private static string Time(CopyProgress report, double? bytesPerSecond)
    {
        if (report.Phase >= CopyPhase.Committing)
            return "";
        if (report.UntilDeadline is { } left)
            return $"deadline in {Math.Ceiling(left.TotalSeconds):0} s";
        long restBytes = report.DataBytesTotal - report.DataBytes;
        return bytesPerSecond is > 0 and { } fast && restBytes > 0
            ? $"ETA {AmountText.Clock(restBytes / fast)}" : "";
    }
}
