using System.Globalization;
using System.Text.Json;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Ways;

/// <summary>How fio writes: its engine, the size of a write, the number of writes in flight.</summary>
public sealed record FioShape(string Engine, int BlockKiB, int Depth)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Engine}, {(BlockKiB >= 1024 ? $"{BlockKiB / 1024} MiB" : $"{BlockKiB} KiB")}, {Depth} in flight";
}

/// <summary>
/// The speed of the disk without reading a source: fio, O_DIRECT, sequential, durable at the end. Its buffers are in
/// huge pages; otherwise it measures how many scattered pages fit into a request. The seconds are those that fio
/// reports, with the sync, because its own start takes a quarter of a second.
/// </summary>
public sealed class Fio(Workplace place, Rounds rounds)
{
    public const string Id = "fio";

    private static readonly string[] Engines = ["io_uring", "libaio"];
    private static readonly int[] BlocksKiB = [512, 1024, 2048, 4096];
    private static readonly int[] Depths = [1, 2, 4];

    private string Report => Path.Combine(place.Memory, "fio.json");

    /// <summary>
    /// Tries every shape once on half of the bytes, and the best three again; the fastest run wins.
    /// </summary>
    public FioShape FindBest(long bytes)
    {
        string engine = Engines.FirstOrDefault(IsUsable) ?? "psync";
        List<(FioShape Shape, double Seconds)> tried = [];
        foreach (int block in BlocksKiB)
        {
            foreach (int depth in engine == "psync" ? [1] : Depths)
                Try(new FioShape(engine, block, depth));
        }

        foreach ((FioShape shape, _) in tried.OrderBy(t => t.Seconds).Take(3).ToList())
            Try(shape);
        return tried.MinBy(t => t.Seconds).Shape;

        void Try(FioShape shape) => tried.Add((shape, rounds.RunOnce(With(shape), "", bytes / 2).Seconds));
    }

    public Way With(FioShape shape) => new(Id, "fio, no source", job => new Command(
        "env", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
        "fio", "--name=limit", $"--filename={Path.Combine(job.Target, "copy")}",
        "--rw=write", "--direct=1", "--end_fsync=1", "--thread",
        $"--ioengine={shape.Engine}", $"--bs={shape.BlockKiB}k", $"--iodepth={shape.Depth}", $"--size={job.Bytes}",
        "--output-format=json", $"--output={Report}"))
    { OwnSeconds = ReadSeconds };

    private bool IsUsable(string engine)
    {
        try
        {
            rounds.RunOnce(With(new FioShape(engine, 1024, 2)), "", 4 << 20);
            return true;
        }
        catch (MeasurementException)
        {
            Workplace.Say($"  fio cannot use {engine} here");
            return false;
        }
    }

    private double ReadSeconds()
    {
        string text = File.ReadAllText(Report);
        // fio may print notes before the report.
        using JsonDocument report = JsonDocument.Parse(text.AsMemory(text.IndexOf('{', StringComparison.Ordinal)));
        JsonElement write = report.RootElement.GetProperty("jobs")[0].GetProperty("write");
        double milliseconds = write.GetProperty("runtime").GetDouble();
        return milliseconds > 0
            ? milliseconds / 1000
            : throw new MeasurementException(
                $"fio reports a time of {milliseconds.ToString(CultureInfo.InvariantCulture)} ms");
    }
}
