using BundleCopier.Segments;

namespace BundleCopier.Compress;

/// <summary>
/// Decides for each segment whether to compress or to store it, from the measured speeds of both. Storing a byte takes
/// the disk 1/D; compressing it takes the compressors 1/C, and then the disk has less to write. While C is above D,
/// compressing keeps the disk busy and saves writes; otherwise the disk would wait for the processor. Pure: times are
/// given.
/// </summary>
internal sealed class CompressChoice(int compressors, long? maxRateBytes)
{
    // Both speeds change with the load of the machine: compressing is tried again after so many segments.
    private const int SegmentsBetweenTrials = 64;
    private const int FirstStored = 4;

    // Compressors that are so much faster than the disk wait for it most of the time.
    private const double AmpleFactor = 2;

    // After so many segments in a row that did not become smaller, a sample of the next is likely to say so too.
    private const int FutileInARow = 8;

    // The newest measurement counts this much.
    private const double Weight = 0.2;

    // Bytes a microsecond, of one compressor and of all writers; 0 while unknown.
    private double compressRate;
    private double writeRate;
    private int decisions;
    private int futileInARow;
    private long? limitBytes;

    /// <summary>Sets the governor's limit of the write rate.</summary>
    /// <param name="rateBytes">Bytes a second; null for no limit but <c>max-rate</c>.</param>
    public void LimitRate(long? rateBytes) => limitBytes = rateBytes;

    /// <summary>Takes the measurements of a segment; of one without a frame there are none.</summary>
    /// <param name="job">The segment.</param>
    /// <param name="writersAtWork">Number of writers that were at work meanwhile.</param>
    public void Settled(SegmentJob job, int writersAtWork)
    {
        if (job.Compressed is not { } frame)
            return;
        if (job.Effort != CompressEffort.Store)
            Compressed(job.LengthBytes, job.CompressUs, shrank: !frame.IsStored);
        Written(job.Written.WrittenBytes, job.Written.ElapsedUs, writersAtWork);
    }

    public void Compressed(long bytes, long elapsedUs, bool shrank)
    {
        compressRate = Blend(compressRate, bytes, elapsedUs);
        futileInARow = shrank ? 0 : futileInARow + 1;
    }

    /// <summary>A writer has written something.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="elapsedUs">How long it was busy with it.</param>
    /// <param name="writersAtWork">Number of writers that were at work meanwhile.</param>
    public void Written(long bytes, long elapsedUs, int writersAtWork) =>
        writeRate = Blend(writeRate, bytes * writersAtWork, elapsedUs);

    /// <summary>How much to spend on the next segment.</summary>
    public CompressEffort Next()
    {
        decisions++;
        if (decisions <= FirstStored)
            return CompressEffort.Store;
        double compressible = compressRate * compressors;
        // With time to spare a sample saves nothing, and may misjudge what lies around it; among what does not shrink
        // it seldom does.
        if (compressible > AmpleFactor * DiskRate)
            return futileInARow < FutileInARow ? CompressEffort.Compress : CompressEffort.Sample;
        bool isTrial = compressRate == 0 || decisions % SegmentsBetweenTrials < compressors;
        return isTrial || compressible > DiskRate ? CompressEffort.Sample : CompressEffort.Store;
    }

    private double DiskRate => Math.Min(
        writeRate == 0 ? double.MaxValue
            : writeRate, Math.Min(limitBytes ?? long.MaxValue, maxRateBytes ?? long.MaxValue) / 1e6);

    private static double Blend(double known, long bytes, long elapsedUs)
    {
        double rate = bytes / (double)Math.Max(elapsedUs, 1);
        return known == 0 ? rate : known + (Weight * (rate - known));
    }
}
