using System.Diagnostics;
using System.Globalization;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>All neighbours at once, for as long as this lives. The script ends them where this program dies.</summary>
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

    /// <summary>Ends them, and has what each of them recorded.</summary>
    /// <exception cref="MeasurementException">One could not do its thing; it has said why.</exception>
    public IReadOnlyDictionary<NeighbourKind, Moment[]> End()
    {
        // .NET can only kill, and the dead write no records.
        Meter.TryFirstLine(Command.Shell("""kill -TERM "$@" """, [.. living.Select(l => l.Process.Id.ToString(CultureInfo.InvariantCulture))]));
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

    /// <summary>Ends whoever still lives, and removes what they wrote.</summary>
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

    // In memory, and only written when all is over.
    private string RecordOf(NeighbourKind kind) => Path.Combine(place.Memory, $"neighbour.{kind.Id}");
}
