using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Observe;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using static Tmds.Linux.LibC;

namespace BundleCopier;

/// <summary>
/// Copies bundles inside an actor system. One engine serves any number of copies. Each has its own budget, and all
/// together keep to the engine's (<see cref="EngineSettings"/>); copies for which there is no room wait. The system
/// must have been started with <see cref="ReferenceConfig.Value"/> as a fallback of its configuration.
/// </summary>
public sealed class CopyEngine : IBundleCopier
{
    private readonly IActorRef root;
    private readonly IMemoryKernel kernel;
    private readonly string ioDispatcher;
    private readonly OpenCopies copies;
    private readonly EngineArms arms = new();
    private readonly Lazy<Parsed<CopySettings>> systemSettings;
    private readonly Lazy<Parsed<EngineSettings>> engineSettings;
    private readonly Lazy<CopyQueue> queue;

    /// <summary>Makes an engine in an actor system. The engine lives as long as the system does.</summary>
    /// <param name="system">The system whose threads do the work.</param>
    /// <param name="settings">
    /// What all copies have together; null for <c>bundle-copier.engine</c> in the actor system's configuration.
    /// </param>
    /// <exception cref="InvalidOperationException">The system has ended.</exception>
    /// <exception cref="ArgumentException">A setting is out of its limits.</exception>
    public CopyEngine(ActorSystem system, EngineSettings? settings = null)
        : this(
            system,
            LinuxKernel.Instance,
            ReferenceConfig.IoDispatcherPath,
            Akka.Dispatch.Dispatchers.DefaultDispatcherId,
            settings)
    {
    }

    internal CopyEngine(
        ActorSystem system,
        IMemoryKernel kernel,
        string ioDispatcher,
        string rootDispatcher,
        EngineSettings? settings = null)
    {
        if (settings?.Problem("settings") is { } wrong)
            throw new ArgumentException(wrong.ToString(), nameof(settings));
        this.kernel = kernel;
        this.ioDispatcher = ioDispatcher;
        if (OpenCopies.ProblemOf(system) is { } problem)
            throw problem;
        copies = new OpenCopies(system);
        // Read at the first copy without settings: parsing takes milliseconds, and the program always gives some.
        systemSettings = new Lazy<Parsed<CopySettings>>(
            () => SettingsReader.Read(system.Settings.Config, "the actor system's configuration"));
        engineSettings = new Lazy<Parsed<EngineSettings>>(() => settings is not null
            ? settings
            : EngineSettingsReader.Read(system.Settings.Config, "the actor system's configuration"));
        queue = new Lazy<CopyQueue>(() => new CopyQueue(engineSettings.Value.Value!));
        system.WhenTerminated.ContinueWith(_ => arms.Dispose(), TaskScheduler.Default);
        if (ioDispatcher == ReferenceConfig.IoDispatcherPath)
            TranslateDispatcher(system);
        // Akka starts its scheduler's thread at the first use. Started by a copy's thread, it would inherit that
        // thread's nice value for good (ThreadCourtesy), so start it here.
        system.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, static () => { });
        root = system.ActorOf(
            Produced<CopyRootActor>.By(() => new CopyRootActor(copies.RootStopped)).WithDispatcher(rootDispatcher));
    }

    // A configuration for an earlier version names the dispatcher by its old type, which Akka cannot find. Akka takes a
    // registered dispatcher before one in the configuration. Doing it here serves every way to start a system.
    private static void TranslateDispatcher(ActorSystem system)
    {
        Config given = system.Settings.Config.GetConfig(ReferenceConfig.IoDispatcherPath);
        if (given?.GetString("type") != ReferenceConfig.OldDispatcherType)
            return;
        OwnThreadDispatcherConfigurator translated = new(given, system.Dispatchers.Prerequisites);
        // False when an earlier engine has registered it.
        _ = system.Dispatchers.RegisterConfigurator(ReferenceConfig.IoDispatcherPath, translated);
    }

    /// <inheritdoc/>
    public IRunningCopy Start(BundleManifest manifest, CancellationToken stop = default) =>
        StartWith(manifest, settings: null, stop);

    /// <inheritdoc/>
    public IRunningCopy Start(BundleManifest manifest, CopySettings settings, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return StartWith(manifest, settings, stop);
    }

    private RunningCopy StartWith(BundleManifest manifest, CopySettings? settings, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new RunningCopy(
            manifest, (progress, ending) => CopyAsync(manifest, settings, progress, ending), stop);
    }

    /// <summary>
    /// Copies one bundle. The result says how the copy ended; errors of files and disks do not make the task fail. It
    /// fails with an <see cref="InvalidOperationException"/> when the actor system ended before the copy began.
    /// </summary>
    /// <param name="manifest">What to copy, and where to; its destination must be set.</param>
    /// <param name="settings">
    /// How to copy; when null, the settings below <c>bundle-copier</c> in the actor system's configuration.
    /// </param>
    /// <param name="progress">
    /// Gets the progress every <see cref="CopySettings.ProgressInterval"/>, on a thread of the system; must not block.
    /// When it throws, the log says so, it gets no more progress, and the copy goes on.
    /// </param>
    /// <param name="stop">
    /// Ends the copy early: what is complete by then is committed with status <c>cancelled</c>.
    /// </param>
    public Task<CopyResult> CopyAsync(
        BundleManifest manifest,
        CopySettings? settings = null,
        IProgress<CopyProgress>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (settings is null && !systemSettings.Value.IsOk)
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(systemSettings.Value.Error));
        settings ??= systemSettings.Value.Value!;
        if (!engineSettings.Value.IsOk)
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(engineSettings.Value.Error));
        if ((settings.Problem("settings") ?? engineSettings.Value.Value.ProblemOf(settings, "settings"))
            is { } problem)
        {
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(problem));
        }

        if (manifest.Destination is null)
        {
            return Task.FromResult<CopyResult>(new CopyResult.Invalid(
                new InputError(
                    "manifest", "destination", "there is none", "Name the directory that gets the bundle.")));
        }

        if (copies.Problem is { } ended)
            return Task.FromException<CopyResult>(ended);

        CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(stop, copies.Shutdown);
        CopyJob job = new(manifest, settings, kernel, ioDispatcher, progress, ending.Token, copies.Shutdown);
        long arrivedMs = kernel.MonotonicMs;
        CopyQueue.Entry entry = new(
            manifest.Bundle,
            manifest.Files.Max(static f => f.Priority),
            settings.BudgetBytes,
            arrivedMs,
            () => Begin(job, TimeSpan.FromMilliseconds(kernel.MonotonicMs - arrivedMs)),
            job.Result.Task);
        queue.Value.Enter(entry);
        CancellationTokenRegistration waits = ending.Token.Register(() => StopWaiting(entry, job));
        job.Result.Task.ContinueWith(
            copy =>
            {
                End(waits, ending, manifest);
                Tell(job, copy, kernel.MonotonicMs - arrivedMs);
            },
            TaskScheduler.Default);
        return job.Result.Task;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><c>bundle-copier.engine</c> is not valid.</exception>
    public EngineState State => engineSettings.Value.IsOk
        ? queue.Value.State(kernel.MonotonicMs, arms.IsTaken, arms.IsLocked)
        : throw new InvalidOperationException(engineSettings.Value.Error.ToString());

    /// <summary>
    /// Takes the memory of all copies that can run at the same time and starts their threads, so that none has to be
    /// found at a crash. With <see cref="CopySettings.MemoryLock"/>, the memory of the whole process is locked, too.
    /// Copies with a larger budget take their own memory, and those with more threads start the others.
    /// </summary>
    /// <param name="settings">The settings of the copies.</param>
    /// <returns>Why it cannot be; null when it is done.</returns>
    public Refusal? Arm(CopySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        int copiesAtOnce = (engineSettings.Value.Value ?? new EngineSettings()).CopiesAtOnce(settings);
        IoResult taken = arms.Take(settings, copiesAtOnce);
        if (!taken.IsOk)
            return NoMemory(taken.Error, settings);
        if (!arms.StartThreads(settings, copiesAtOnce))
        {
            return Refusal.Of(
                RefusalKind.NoMemory,
                new Errno(EAGAIN),
                "The threads of the copies cannot be started (EAGAIN). Raise the limits of memory and of threads "
                    + "(TasksMax, RLIMIT_NPROC), or let fewer copies run at once.");
        }

        IoResult locked = settings.MemoryLock ? arms.Lock(settings) : IoResult.Done;
        return locked.IsOk ? null : Refusal.Of(
            RefusalKind.NotLocked,
            locked.Error,
            $"memory.lock is on, and the memory cannot be locked ({locked.Error.Name}). Give CAP_IPC_LOCK, or an "
                + "unlimited RLIMIT_MEMLOCK.");
    }

    /// <summary>There is room for a copy.</summary>
    private void Begin(CopyJob waiting, TimeSpan waited)
    {
        CopySettings settings = waiting.Settings;
        // The deadline counts from the call.
        CopyJob job = waiting with
        {
            Settings = settings with { DeadlineSpent = settings.DeadlineSpent + waited },
        };
        job.Result.Task.ContinueWith(
            _ =>
            {
                arms.StartThreadsAgain();
                queue.Value.CopyEnded();
            },
            TaskScheduler.Default);
        void Free() => queue.Value.BudgetFreed(settings.BudgetBytes);
        if (copies.Problem is { } ended)
        {
            Free();
            job.Result.TrySetException(ended);
            return;
        }

        // The copy goes on when the kernel refuses this.
        if (settings.OomScoreAdj is { } adjustment)
            _ = kernel.RaiseOomScore(adjustment);
        if (settings.Protection == ProcessProtection.On)
            _ = kernel.ProtectProcess();
        MemoryPlan plan = MemoryPlan.Of(settings, job.CompressesAnything);
        if (!CopyMemory.Take(kernel, plan, Free).Try(out CopyMemory? memory, out Errno error))
        {
            Free();
            job.Result.TrySetResult(new CopyResult.Refused(NoMemory(error, settings)));
            return;
        }

        copies.Add(job, memory, () => root.Tell(new CopyRootActor.StartCopy(job, memory)));
    }

    private static void Tell(CopyJob job, Task<CopyResult> copy, long tookMs)
    {
        (string status, string? error, string? message) = !copy.IsCompletedSuccessfully
            ? ("failed", copy.Exception!.InnerException!.GetType().FullName, copy.Exception.InnerException.Message)
            : copy.Result switch
            {
                CopyResult.Committed done => (Lower($"{done.Receipt.Status}"), null, null),
                CopyResult.Refused no => ("refused", Lower($"{no.Refusal.Kind}"), no.Refusal.Message),
                CopyResult.Invalid bad => ("invalid", "invalid", bad.Error.ToString()),
                _ => ("failed", "unknown", (string?)null),
            };
        job.Span.End(status, error, message);
        EngineMeter.CopyDuration.Record(
            tookMs / 1e3,
            new KeyValuePair<string, object?>(Telemetry.Status, status),
            new KeyValuePair<string, object?>(Telemetry.ErrorType, error));

        static string Lower(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }

    private void StopWaiting(CopyQueue.Entry entry, CopyJob job)
    {
        if (!queue.Value.Leave(entry))
            return;
        job.Result.TrySetResult(new CopyResult.Refused(Refusal.Of(
            RefusalKind.Stopped,
            Errno.None,
            "The copy was stopped while it waited for other copies of the engine; nothing was written.")));
    }

    private static Refusal NoMemory(Errno error, CopySettings settings) => Refusal.Of(
        RefusalKind.NoMemory,
        error,
        $"There is no memory for the budget of {ByteSize.Format(settings.BudgetBytes)} ({error.Name}). "
            + "Give a smaller budget.");

    // The writer of a stream that was not even opened must not wait for ever.
    private static void End(
        CancellationTokenRegistration waits,
        CancellationTokenSource ending,
        BundleManifest manifest)
    {
        waits.Dispose();
        ending.Dispose();
        foreach (ManifestFile file in manifest.Files)
            file.Stream?.Descriptor.Dispose();
    }

    /// <summary>
    /// Describes the state of each running copy, to find out why one hangs: its phase, its files by stage, the leases
    /// that are out and their holders, the writes in flight, the limits. It stops nothing.
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
