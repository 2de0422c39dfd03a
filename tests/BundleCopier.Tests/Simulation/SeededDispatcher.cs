using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Dispatch;
using BundleCopier.Actors;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// All threads of a simulated process. A test runs them one turn at a time, in an order drawn from a seed, so the
/// same seed gives the same run. Each thread runs the production code of <see cref="WorkThread"/>: its queue, its
/// checks of writes in flight, its end.
/// </summary>
internal sealed class SeededThreads : IThreadHost
{
    private readonly List<WorkThread> threads = [];
    private readonly List<IRunnable> pool = [];
    private readonly Stack<AsideThread> spare = new();
    private readonly List<(AsideThread Aside, WorkThread Thread, int Shift)> parked = [];
    private readonly Lock gate = new();
    private Random random = new(0);

    // Akka creates dispatchers by the name of their type, so they find the threads here, by a number in their
    // configuration.
    private static readonly ConcurrentDictionary<int, SeededThreads> ByProcess = new();

    public static SeededThreads Of(int process) => ByProcess.GetOrAdd(process, static _ => new SeededThreads());

    public static SeededThreads Of(Config config) => Of(config.GetInt("process"));

    public void Reseed(int seed, bool canHang = false) => (random, CanHang) = (new Random(seed), canHang);

    /// <summary>A call may hang, so each turn runs on a real thread of its own.</summary>
    public bool CanHang { get; private set; }

    /// <summary>Some turn hangs in a call.</summary>
    public bool HasHung => parked.Count > 0;

    /// <summary>One of the calls that hang returns.</summary>
    public void Resume()
    {
        int drawn = random.Next(parked.Count);
        (AsideThread aside, WorkThread thread, int shift) = parked[drawn];
        parked.RemoveAt(drawn);
        aside.Resume();
        Settle(aside, thread, shift);
    }

    public void Start(WorkThread thread)
    {
        lock (gate)
            threads.Add(thread);
    }

    /// <summary>
    /// Ends threads that have nothing to do. Akka ends a dispatcher one second after its last actor. Many simulated
    /// runs end in that time, so each turn would look through thousands of idle threads. A thread that gets work
    /// starts again.
    /// </summary>
    public void EndIdle()
    {
        lock (gate)
        {
            threads.RemoveAll(static thread =>
            {
                if (thread.HasWork)
                    return false;
                thread.ShutDown();
                return thread.TryEnd();
            });
        }
    }

    public void Pool(IRunnable run)
    {
        lock (gate)
            pool.Add(run);
    }

    /// <summary>Runs one turn; false when all threads are idle.</summary>
    public bool Step()
    {
        WorkThread? thread = null;
        IRunnable? run = null;
        lock (gate)
        {
            List<WorkThread> busy = threads.FindAll(static t => t.HasWork);
            if (busy.Count + pool.Count == 0)
                return false;
            int drawn = random.Next(busy.Count + pool.Count);
            if (drawn < busy.Count)
            {
                thread = busy[drawn];
            }
            else
            {
                run = pool[drawn - busy.Count];
                pool.RemoveAt(drawn - busy.Count);
            }
        }

        run?.Run();
        if (thread is not null && CanHang)
            TakeTurnAside(thread);
        else
            thread?.TakeTurn();
        lock (gate)
            threads.RemoveAll(static t => t.TryEnd());
        return true;
    }

    private void TakeTurnAside(WorkThread thread)
    {
        AsideThread aside = spare.TryPop(out AsideThread? used) ? used : new AsideThread();
        int shift = thread.Shift;
        // Only the thread that relieves it takes further turns.
        lock (gate)
            threads.Remove(thread);
        aside.Run(() => thread.TakeTurn());
        Settle(aside, thread, shift);
    }

    private void Settle(AsideThread aside, WorkThread thread, int shift)
    {
        if (aside.IsParked)
        {
            parked.Add((aside, thread, shift));
            return;
        }

        spare.Push(aside);
        lock (gate)
        {
            if (!thread.TryEnd(shift) && !threads.Contains(thread))
                threads.Add(thread);
        }
    }
}

/// <summary>The shared pool of actors without a thread of their own.</summary>
internal sealed class SeededDispatcher(MessageDispatcherConfigurator configurator, SeededThreads threads)
    : MessageDispatcher(configurator)
{
    protected override void ExecuteTask(IRunnable run) => threads.Pool(run);

    protected override void Shutdown()
    {
        // The pool never ends.
    }
}

/// <summary>Makes the one <see cref="SeededDispatcher"/> of an actor system.</summary>
internal sealed class SeededDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly SeededDispatcher dispatcher;

    public SeededDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => dispatcher = new SeededDispatcher(this, SeededThreads.Of(config));

    public override MessageDispatcher Dispatcher() => dispatcher;
}

/// <summary>Makes the production dispatcher with simulated threads.</summary>
internal sealed class SeededThreadsConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    private readonly SeededThreads threads = SeededThreads.Of(config);

    public override MessageDispatcher Dispatcher() =>
        SharedThread.TakeOr(() => new OwnThreadDispatcher(this, throughput: 1, threads));
}
