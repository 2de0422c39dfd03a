using BundleCopier.Govern;
using BundleCopier.Observe;

namespace BundleCopier.Supervise;

/// <summary>
/// Adds what a copy does to the instruments, as differences since the last look. When the copy is over, what it adds to
/// instruments that go up and down is taken back.
/// </summary>
internal sealed class CopyMeter
{
    private static readonly KeyValuePair<string, object?> Whole = new(Telemetry.Complete, true);
    private static readonly KeyValuePair<string, object?> Incomplete = new(Telemetry.Complete, false);

    private long dataBytes;
    private long inFlightBytes;
    private long segments;
    private long windowBytes;
    private int filesWhole;
    private int filesIncomplete;
    private GovernorFigures governed;

    /// <summary>The copy is as far as this.</summary>
    public void See(CopyProgress progress, long settledSegments, IoLimits limits)
    {
        // Zeros and failures are taken back where they turn out to be none; a counter never goes down.
        EngineMeter.Data.Add(Math.Max(0, progress.DataBytes - dataBytes));
        dataBytes = Math.Max(dataBytes, progress.DataBytes);
        EngineMeter.Segments.Add(settledSegments - segments);
        segments = settledSegments;
        int whole = progress.FilesDone - progress.FilesIncomplete;
        EngineMeter.Files.Add(Math.Max(0, whole - filesWhole), Whole);
        EngineMeter.Files.Add(Math.Max(0, progress.FilesIncomplete - filesIncomplete), Incomplete);
        (filesWhole, filesIncomplete) =
            (Math.Max(filesWhole, whole), Math.Max(filesIncomplete, progress.FilesIncomplete));
        Hold(progress.InFlightBytes, limits.WindowBytes);
    }

    /// <summary>The governor has set other limits.</summary>
    public void See(GovernorFigures figures)
    {
        Add("disk", figures.DiskBackOffs - governed.DiskBackOffs);
        Add("memory", figures.MemoryBackOffs - governed.MemoryBackOffs);
        Add("processor", figures.Starvations - governed.Starvations);
        governed = figures;

        static void Add(string resource, int times)
        {
            if (times > 0)
                EngineMeter.BackOffs.Add(times, new KeyValuePair<string, object?>(Telemetry.Resource, resource));
        }
    }

    /// <summary>The copy is over.</summary>
    public void End() => Hold(0, 0);

    private void Hold(long nowInFlightBytes, long nowWindowBytes)
    {
        EngineMeter.InFlight.Add(nowInFlightBytes - inFlightBytes);
        EngineMeter.Window.Add(nowWindowBytes - windowBytes);
        (inFlightBytes, windowBytes) = (nowInFlightBytes, nowWindowBytes);
    }
}
