namespace BundleCopier.Tests.Simulation;

/// <summary>
/// A real thread that takes single turns of simulated threads while the test waits, so that a turn can stop in the
/// middle of a system call and go on later. Only one of the two runs at a time.
/// </summary>
internal sealed class AsideThread
{
    [ThreadStatic]
    private static AsideThread? current;

    private readonly SemaphoreSlim go = new(0);
    private readonly SemaphoreSlim back = new(0);
    private Action? turn;
    private Exception? thrown;

    public AsideThread()
    {
        new Thread(Work) { IsBackground = true, Name = "simulated turn" }.Start();
    }

    /// <summary>The turn hangs in a system call.</summary>
    public bool IsParked { get; private set; }

    /// <summary>Takes a turn, until it ends or hangs.</summary>
    public void Run(Action action)
    {
        turn = action;
        Resume();
    }

    /// <summary>Goes on with a turn that hung, until it ends or hangs again.</summary>
    public void Resume()
    {
        IsParked = false;
        go.Release();
        back.Wait();
        if (thrown is { } bug)
            throw new InvalidOperationException("A simulated turn has thrown.", bug);
    }

    /// <summary>The system call that the calling turn makes hangs; returns when it is resumed.</summary>
    public static void Park()
    {
        AsideThread own = current ?? throw new InvalidOperationException("A call hangs on the thread of the test.");
        own.IsParked = true;
        own.back.Release();
        own.go.Wait();
    }

    private void Work()
    {
        current = this;
        while (true)
        {
            go.Wait();
            try
            {
                turn!();
            }
            catch (Exception bug)
            {
                thrown = bug;
            }

            back.Release();
        }
    }
}
