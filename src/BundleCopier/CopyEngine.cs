using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;

namespace BundleCopier;

/// <summary>
/// Copies bundles inside an actor system. One engine serves any number of copies, also at the same time; each has its
/// own budget. The system must have been started with <see cref="ReferenceConfig.Value"/> as a fallback of its
/// configuration.
/// </summary>
public sealed class CopyEngine
{
    private readonly IActorRef root;
    private readonly IMemoryKernel kernel;
    private readonly string ioDispatcher;
    private readonly OpenCopies copies;

    /// <summary>Makes an engine in an actor system. The engine lives as long as the system does.</summary>
    /// <param name="system">The system whose threads do the work.</param>
    /// <exception cref="InvalidOperationException">The system has ended.</exception>
    public CopyEngine(ActorSystem system)
        : this(system, LinuxKernel.Instance, ReferenceConfig.IoDispatcherPath,
            Akka.Dispatch.Dispatchers.DefaultDispatcherId)
    {
    }

    internal CopyEngine(ActorSystem system, IMemoryKernel kernel, string ioDispatcher, string rootDispatcher)
    {
        this.kernel = kernel;
        this.ioDispatcher = ioDispatcher;
        if (OpenCopies.ProblemOf(system) is { } problem)
            throw problem;
        copies = new OpenCopies(system);
        if (ioDispatcher == ReferenceConfig.IoDispatcherPath)
            TranslateDispatcher(system);
        // Akka's clock starts with the first who needs it, and would inherit the nice value of a copy's thread
        // (ThreadCourtesy) for good.
        system.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, static () => { });
        root = system.ActorOf(
            Produced<CopyRootActor>.By(static () => new CopyRootActor()).WithDispatcher(rootDispatcher));
    }

    // A configuration that was written for an earlier version names the dispatcher by its old type, which Akka cannot
    // find. Dispatchers that are registered come before those in the configuration, so this serves every way to start
    // a system.
    private static void TranslateDispatcher(ActorSystem system)
    {
        Config given = system.Settings.Config.GetConfig(ReferenceConfig.IoDispatcherPath);
        if (given?.GetString("type") != ReferenceConfig.OldDispatcherType)
            return;
        OwnThreadDispatcherConfigurator translated = new(given, system.Dispatchers.Prerequisites);
        // False where an engine before this one has registered it.
        _ = system.Dispatchers.RegisterConfigurator(ReferenceConfig.IoDispatcherPath, translated);
    }

    /// <summary>
    /// Copies one bundle. The task never fails for anything that the world does: its result says how it ended. It
    /// fails with an
    /// <see cref="InvalidOperationException"/> where the actor system has ended before the copy began.
    /// </summary>
    /// <param name="manifest">What to copy, and where to; its destination must be set.</param>
    /// <param name="settings">How to copy; the defaults when null.</param>
    /// <param name="progress">
    /// Told how far the copy is every <see cref="CopySettings.ProgressInterval"/>, from a thread of the system; must
    /// not block. One that throws is told nothing more, and the log says so; the copy goes on.
    /// </param>
    /// <param name="stop">
    /// Ends the copy early: what is complete by then is committed with status <c>cancelled</c>.
    /// </param>
    public Task<CopyResult> CopyAsync(
        BundleManifest manifest, CopySettings? settings = null, IProgress<CopyProgress>? progress =
            null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        settings ??= new CopySettings();
        if (settings.Problem("settings") is { } problem)
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(problem));
        if (manifest.Destination is null)
        {
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(
                new InputError(
                    "manifest", "destination", "there is none", "Name the directory that gets the bundle.")));
        }

        if (copies.Problem is { } ended)
            return Task.FromException<CopyResult>(ended);

        // Where the kernel does not listen, the copy goes on all the same.
        if (settings.OomScoreAdj is { } adjustment)
            _ = kernel.RaiseOomScore(adjustment);
        CopyJob job = new(manifest, settings, kernel, ioDispatcher, progress, stop);
        MemoryPlan plan = MemoryPlan.Of(settings, job.CompressesAnything);
        if (!CopyMemory.Take(kernel, plan).Try(out CopyMemory? memory, out Errno error))
        {
            return Task.FromResult<CopyResult>(new CopyResult.Refused(Refusal.Of(
                RefusalKind.NoMemory, error, $"The budget of {ByteSize.Format(settings.BudgetBytes)} could not be had ({error.Name}). Give a smaller one.")));
        }

        copies.Add(job, memory, () => root.Tell(new CopyRootActor.StartCopy(job, memory)));
        return job.Result.Task;
    }

    /// <summary>
    /// Puts the state of each copy that is under way into plain words, for a person who looks for why one hangs: its
    /// phase, its files by stage, the leases that are out and what holds them, the writes in flight, the limits.
    /// Stops nothing.
    /// </summary>
    /// <param name="to">
    /// Called once for each copy, from a thread of the system, with lines that end in a line feed; must not block.
    /// </param>
    public void DescribeCopies(Action<string> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        root.Tell(new SupervisorProtocol.DescribeState(to));
    }
}
