namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>
/// Reads the state of the memory 20 times a second, on one thread. This takes a thousandth of a processor.
/// </summary>
public sealed class MemoryWatch : IDisposable
{
    private const int PeriodMs = 50;
    private readonly List<MemoryState> states = [MemoryState.Now()];
    private readonly ManualResetEventSlim over = new();
    private readonly Thread thread;
    private readonly long starvingBytes;
    private readonly Action relieve;

    /// <summary>Starts watching.</summary>
    /// <param name="starvingBytes">With less memory the machine is in danger.</param>
    /// <param name="relieve">Called then, from the watching thread; the measurement is lost.</param>
    public MemoryWatch(long starvingBytes, Action relieve)
    {
        this.starvingBytes = starvingBytes;
        this.relieve = relieve;
        thread = new Thread(Watch) { IsBackground = true, Name = "memory" };
        thread.Start();
    }

    /// <summary>Whether memory became so short that the measurement does not count.</summary>
    public bool HasStarved { get; private set; }

    /// <summary>Stops, and returns all readings; the first one is from before the copy.</summary>
    public IReadOnlyList<MemoryState> End()
    {
        Dispose();
        return states;
    }

    public void Dispose()
    {
        over.Set();
        thread.Join();
    }

    private void Watch()
    {
        while (!over.Wait(PeriodMs))
        {
            MemoryState state = MemoryState.Now();
            states.Add(state);
            if (state.Available >= starvingBytes || HasStarved)
                continue;
            HasStarved = true;
            relieve();
        }
    }
}
