using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Receipt;

namespace BundleCopier.Verify;

/// <summary>
/// Hands the segments of a bundle's files to whoever asks, and puts the answers together. Files are opened when their turn
/// comes and closed when their last segment is back, so few are open at a time.
/// </summary>
internal sealed class VerifyQueue(IDirectory bundle, IReadOnlyList<ReceiptFile> files, CancellationToken stop)
{
    private readonly Lock gate = new();
    private readonly FileVerdict?[] verdicts = new FileVerdict?[files.Count];
    private int nextFile;
    private OpenVerdict? current;
    private ExceptionDispatchInfo? failure;

    public IReadOnlyList<FileVerdict> Verdicts => verdicts!;

    /// <summary>The next segment to read; false when there is no more to do.</summary>
    public bool Next([NotNullWhen(true)] out OpenVerdict? file, out long segment)
    {
        lock (gate)
        {
            while (failure is null && !stop.IsCancellationRequested)
            {
                if (current is null && !OpenNext())
                    break;
                if (current is null)
                    continue;
                file = current;
                if (file.TakeSegment(out segment))
                    return true;
                current = null;
                Settle(file);
            }
        }

        file = null;
        segment = 0;
        return false;
    }

    public void Finish(OpenVerdict file, long segment, SegmentOutcome outcome, ulong? digest)
    {
        lock (gate)
        {
            file.Add(segment, outcome, digest);
            if (file != current)
                Settle(file);
        }
    }

    public void Fail(Exception bug)
    {
        lock (gate)
            failure ??= ExceptionDispatchInfo.Capture(bug);
    }

    public void ThrowIfFailed() => failure?.Throw();

    /// <summary>Goes on to the next file; false when there is none. A file that needs no reading has its verdict at once.</summary>
    private bool OpenNext()
    {
        if (nextFile == files.Count)
            return false;
        int index = nextFile++;
        ReceiptFile entry = files[index];
        if (entry.Output is null)
        {
            verdicts[index] = new FileVerdict(entry, VerdictKind.Absent, entry.Error?.Message ?? "");
            return true;
        }

        string? problem = Open(entry, out ISourceFile? source, out FileStat status);
        if (problem is null && entry.Checksum is not null)
        {
            RangeSet ranges = RangeSet.Of(entry.Ranges.Select(r => new Extent(r.Offset, r.Length)));
            PlannedFile planned = new(index, entry.Output, entry.Name, null);
            current = new OpenVerdict(index, new OpenedSource(planned, source!, status, ranges, Travel.Slab, false, null));
            return true;
        }

        source?.Dispose();
        verdicts[index] = problem is null
            ? new FileVerdict(entry, VerdictKind.Unknown, "It was copied without a checksum, so nobody can tell.")
            : new FileVerdict(entry, VerdictKind.Damaged, problem);
        return true;
    }

    private string? Open(ReceiptFile entry, out ISourceFile? source, out FileStat status)
    {
        source = null;
        status = default;
        List<IDirectory> above = [];
        try
        {
            string[] names = entry.Output!.Split('/');
            IDirectory at = bundle;
            foreach (string name in names[..^1])
            {
                if (!at.OpenDirectory(name).Try(out IDirectory? next, out Errno missing))
                    return $"It cannot be opened: {missing.Name}.";
                above.Add(next);
                at = next;
            }

            if (!at.OpenFile(names[^1]).Try(out source, out Errno error))
                return $"It cannot be opened: {error.Name}.";
            IoResult result = source.Status(out status);
            if (!result.IsOk)
                return $"It cannot be read: {result.Error.Name}.";
            return status.SizeBytes == entry.SizeBytes ? null : $"It has {status.SizeBytes} bytes and should have {entry.SizeBytes}.";
        }
        finally
        {
            foreach (IDirectory directory in above)
                directory.Dispose();
        }
    }

    private void Settle(OpenVerdict file)
    {
        if (!file.IsOver)
            return;
        file.Source.Source.Dispose();
        ReceiptFile entry = files[file.Index];
        verdicts[file.Index] = file.Problem is { } problem
            ? new FileVerdict(entry, VerdictKind.Damaged, problem)
            : FileChecksum.Format(file.Checksum) == entry.Checksum
                ? new FileVerdict(entry, VerdictKind.Intact, "")
                : new FileVerdict(entry, VerdictKind.Damaged, $"Its checksum is {FileChecksum.Format(file.Checksum)} and should be {entry.Checksum}.");
    }

    /// <summary>A file that is being verified.</summary>
    internal sealed class OpenVerdict(int index, OpenedSource source)
    {
        private readonly FileChecksum checksum = new();
        private SegmentPlan plan = new([], 0, IsLast: false, null);
        private int taken;
        private int outstanding;

        public int Index => index;

        public OpenedSource Source => source;

        public string? Problem { get; private set; }

        public bool IsOver => plan.IsLast && taken == plan.Segments.Length && outstanding == 0;

        public ulong Checksum => checksum.Complete(source.Status.SizeBytes);

        public bool TakeSegment(out long segment)
        {
            while (taken == plan.Segments.Length && !plan.IsLast)
            {
                plan = SourceScout.Plan(source, plan.Position);
                taken = 0;
                Blame(plan.Fault);
            }

            segment = taken < plan.Segments.Length ? plan.Segments[taken++] : -1;
            if (segment >= 0)
                outstanding++;
            return segment >= 0;
        }

        public void Add(long segment, SegmentOutcome outcome, ulong? digest)
        {
            outstanding--;
            Blame(outcome.Fault);
            if (digest is { } value)
                checksum.Add(segment, value);
        }

        private void Blame(Faults.Fault? fault) => Problem ??= fault is null ? null : $"It cannot be read: {fault.Code} {fault.Detail}.";
    }
}
