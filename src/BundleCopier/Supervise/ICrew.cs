using BundleCopier.Segments;

namespace BundleCopier.Supervise;

/// <summary>What the flow of a copy gives its orders to: actors in production, a list in tests.</summary>
internal interface ICrew
{
    void ToScout(object order);

    void ToKeeper(object order);

    /// <summary>Segments start: a reader fills them and sends them to the next stage.</summary>
    void Read(int reader, SegmentJob[] jobs);

    /// <summary>
    /// Stops all readers, compressors and writers. The flow hears when they have stopped, unless the bundle is being
    /// committed: then they are not needed any more.
    /// </summary>
    void StopWorkers();

    /// <summary>The board says that the copy ends early: wakes the writers that wait for the rate.</summary>
    void HurryWriters();

    /// <summary>Hires new readers, compressors and writers.</summary>
    void HireWorkers();

    /// <summary>Steps are logged; asked before a step is put into words.</summary>
    bool IsTraced { get; }

    /// <summary>Logs a step of the copy, to find out why a copy hangs.</summary>
    void Trace(string step);

    /// <summary>The copy is over: nothing more is ordered, and nothing is in flight.</summary>
    void Conclude(CopyResult result);
}
