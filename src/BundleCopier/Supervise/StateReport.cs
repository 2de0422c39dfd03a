using System.Globalization;
using System.Text;
using BundleCopier.Input;
using BundleCopier.Memory;
using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>The state of a copy as lines of text, to find out why a copy hangs.</summary>
/// <param name="nowUs">The monotonic clock, in microseconds.</param>
internal sealed class StateReport(long nowUs)
{
    // Files and segments beyond this are only counted.
    private const int MaxLines = 64;

    private readonly StringBuilder text = new();
    private int files;
    private int segments;

    public void Line(string line) => text.Append(line).Append('\n');

    /// <summary>A file that is being copied.</summary>
    public void File(FileCopy file)
    {
        if (++files > MaxLines)
            return;
        string detail = file.Stage is FileStage.Copying { Segments: var copying }
            ? string.Create(
                CultureInfo.InvariantCulture, $", {copying.InFlight} segments in flight, {copying.Pending} waiting")
            : "";
        string name = Printable.Of(file.Planned.Name);
        Line($"  file {file.Planned.Index} {name}: {file.Stage.GetType().Name}{detail}");
    }

    /// <summary>A segment in flight.</summary>
    public void Segment(SegmentJob job)
    {
        if (++segments > MaxLines)
            return;
        Line(string.Create(
            CultureInfo.InvariantCulture,
            $"  segment {job.Segment} of file {job.File.Index}: lease {job.Lease.Index} with {job.Lease.Holder}, "
            + $"reader {job.Route.Reader}, writer {job.Route.Writer}{WriteAge(job)}"));
    }

    private string WriteAge(SegmentJob job) => job switch
    {
        { Lease.Holder: LeaseHolder.Supervisor } => ", settled; the report is not here yet",
        { WriteBegunUs: 0 } => "",
        _ => string.Create(CultureInfo.InvariantCulture, $", being written for {(nowUs - job.WriteBegunUs) / 1000} ms"),
    };

    public override string ToString()
    {
        int more = Math.Max(0, files - MaxLines) + Math.Max(0, segments - MaxLines);
        return more == 0 ? text.ToString() : $"{text}  and {more} more\n";
    }
}
