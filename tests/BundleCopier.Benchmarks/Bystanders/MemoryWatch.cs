namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>Looks at the memory now and then, from one thread that sleeps otherwise: 20 looks a second cost a thousandth of a processor.</summary>
public sealed class MemoryWatch : IDisposable
{
    private const int PeriodMs = 50;
    private readonly List<MemoryState> states = [MemoryState.Now()];
    private readonly ManualResetEventSlim over = new();
    private readonly Thread thread;
    private readonly long starvingBytes;
    private readonly Action relieve;

    /// <summary>Begins.</summary>
    /// <param name="starvingBytes">With less memory than this the machine is in danger.</param>
    /// <param name="relieve">What to do then, from the thread that watches; the measurement is lost.</param>
    public MemoryWatch(long starvingBytes, Action relieve)
    {
        this.starvingBytes = starvingBytes;
        this.relieve = relieve;
        thread = new Thread(Watch) { IsBackground = true, Name = "memory" };
        thread.Start();
    }

    /// <summary>Whether memory ran so short that nothing that was measured counts.</summary>
    public bool HasStarved { get; private set; }

    /// <summary>Stops, and has all that was seen, the first from before.</summary>
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
