using System.Diagnostics;
using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>Runs all neighbours until it is disposed. The script ends them if this program dies.</summary>
public sealed class Neighbours : IDisposable
{
    public const int IntervalMs = 5;
    private readonly Workplace place;
    private readonly List<(NeighbourKind Kind, Process Process)> living = [];

    public Neighbours(Workplace place)
    {
        this.place = place;
        foreach (NeighbourKind kind in NeighbourKind.All)
        {
            string interval = (IntervalMs * 1000).ToString(CultureInfo.InvariantCulture);
            living.Add((kind, Process.Start(place.Neighbour, [kind.Id, interval, RecordOf(kind), OwnFile])));
        }
    }

    private string OwnFile => Path.Combine(place.Disk, "neighbour");

    /// <summary>Ends them and returns their records.</summary>
    /// <exception cref="MeasurementException">A neighbour failed; it printed the reason.</exception>
    public IReadOnlyDictionary<NeighbourKind, Moment[]> End()
    {
        // .NET can only send SIGKILL, and a killed neighbour writes no record.
        string[] ids = [.. living.Select(l => l.Process.Id.ToString(CultureInfo.InvariantCulture))];
        Meter.TryFirstLine(Command.Shell("""kill -TERM "$@" """, ids));
        Dictionary<NeighbourKind, Moment[]> moments = [];
        foreach ((NeighbourKind kind, Process process) in living)
        {
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new MeasurementException($"the neighbour '{kind.Id}' ended with exit {process.ExitCode}");
            moments[kind] = Moment.Read(RecordOf(kind));
        }

        return moments;
    }

    /// <summary>Ends the neighbours that still run, and removes their files.</summary>
    public void Dispose()
    {
        foreach ((NeighbourKind kind, Process process) in living)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
            File.Delete(RecordOf(kind));
        }

        File.Delete(OwnFile);
    }

    // The records are kept in memory and written at the end.
    private string RecordOf(NeighbourKind kind) => Path.Combine(place.Memory, $"neighbour.{kind.Id}");
}
