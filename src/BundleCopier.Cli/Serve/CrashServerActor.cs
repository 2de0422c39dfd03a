using Akka.Actor;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using static BundleCopier.Cli.Serve.ServeProtocol;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// Supervises the crashes: takes them in, saves one after the other, and tells how each ended. <see cref="CrashQueue"/>
/// decides the order. It reads small files, so it has a thread of its own.
/// </summary>
internal sealed class CrashServerActor : UntypedActor, IWithTimers
{
    private readonly ServerParts parts;
    private readonly CopyEngine engine;
    private readonly ServerTeller teller;
    private readonly CrashSources sources;
    private readonly CrashQueue queue;
    private readonly CrashLoopLimit loops = new();
    private readonly CrashLoopLimit users = new();
    private readonly UserTime userTime = new();
    private readonly ServerRecord record = new();
    private readonly CancellationTokenSource stop = new();
    private ServeConfig config;
    private Crash? running;
    private long runningSinceMs;
    private bool isStopping;
    private long lastId;

    public CrashServerActor(ServerParts parts, ServeConfig config, CopyEngine engine)
    {
        this.parts = parts;
        this.config = config;
        this.engine = engine;
        teller = new ServerTeller(parts.Manager, record);
        sources = new CrashSources(parts.Spool);
        queue = new CrashQueue(config.Server.MaxQueue);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static long NowMs => LinuxKernel.Instance.MonotonicMs;

    protected override void PreStart()
    {
        // Twice as often as the service manager wants it (sd_watchdog_enabled(3)).
        if (parts.Manager.Watchdog is { } interval)
            Timers.StartPeriodicTimer(nameof(TellAlive), TellAlive.Instance, TimeSpan.Zero, interval / 2);
        CrashSources.TellUnfinished(config.Server.Destination!);
        foreach (string name in sources.Unfinished())
            Admit(name);
        LookAround();
        teller.Ready(config, running);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LookIntoSpool:
                LookAround();
                break;
            case CoreArrived arrived:
                Admit(new Crash.Core(++lastId, arrived.Offer, LinuxKernel.Instance.UtcNow, NowMs), answerTo: null);
                break;
            case CoreGiven given:
                using (given.Connection)
                    Admit(new Crash.Core(++lastId, given.Offer, given.At, NowMs), given.Connection);
                break;
            case CopyEnded ended:
                Handle(ended);
                break;
            case CopyBroke broke:
                Handle(broke);
                break;
            case StatusAsked asked:
                using (asked.Connection)
                    _ = UnixSocket.Send(asked.Connection, StatusJson.Of(State()));
                break;
            case Reload:
                ReadSettings();
                break;
            case LookForLate:
                RefuseLate();
                break;
            case TellAlive:
                parts.Manager.TellAlive();
                break;
            case StopServer:
                Stop();
                break;
            case StopTimePassed:
                stop.Cancel();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // The process ends when this actor does: a server without it would look alive.
    protected override void PostStop()
    {
        stop.Dispose();
        parts.Ended.TrySetResult(isStopping);
    }

    private void LookAround()
    {
        if (isStopping)
            return;
        foreach (string name in sources.TakeNew())
            Admit(name);
        StartNext();
    }

    private void Admit(string name)
    {
        Result<SpooledManifest, string> read = SpooledManifest.Read(parts.Spool, name, config.Server.Destination!);
        if (!read.Try(out SpooledManifest? found, out string? why))
        {
            Refuse(new Crash.Manifest(++lastId, name, 0, LinuxKernel.Instance.UserId, NowMs), RefusedFor.Invalid, why);
            return;
        }

        int priority = found.Manifest.Files.Max(static f => f.Priority);
        Enqueue(new Crash.Manifest(++lastId, name, priority, found.UserId, NowMs));
    }

    private void Admit(Crash.Core core, FileHandle? answerTo)
    {
        ServeSettings settings = config.Server;
        if (isStopping)
        {
            Refuse(core, RefusedFor.Stopping, "the server ends", answerTo);
        }
        else if (!loops.Admits(core.Program, settings.LoopCrashes, settings.LoopWindow, NowMs))
        {
            string limit = $"{settings.LoopCrashes} crashes in {Duration.Format(settings.LoopWindow)}";
            Refuse(core, RefusedFor.CrashLoop, $"the same program had {limit} before", answerTo);
        }
        else if (HasLimit(core)
            && !users.Admits($"{core.UserId}", settings.UserCrashes, settings.UserWindow, NowMs))
        {
            string limit = $"{settings.UserCrashes} crashes in {Duration.Format(settings.UserWindow)}";
            Refuse(core, RefusedFor.UserLimit, $"user {core.UserId} had {limit} before", answerTo);
        }
        else if (answerTo is not null && !CoreHandOver.Answer(answerTo, whyNot: null).IsOk)
        {
            // It has waited too long, and copies the core itself.
            core.Offer.Dispose();
        }
        else
        {
            Enqueue(core);
            StartNext();
        }
    }

    private void Refuse(Crash.Core core, RefusedFor reason, string why, FileHandle? answerTo)
    {
        if (answerTo is not null)
            _ = CoreHandOver.Answer(answerTo, why);
        Refuse(core, reason, why);
    }

    /// <summary>
    /// Root needs no limit, and a manifest comes from root or from the server's own user.
    /// </summary>
    private static bool HasLimit(Crash crash) => crash is Crash.Core { UserId: not 0 };

    private void Enqueue(Crash crash)
    {
        if (queue.Add(crash) is { } least)
        {
            string why = $"more than {queue.MaxWaiting} crashes wait, and this one counts least";
            Refuse(least, RefusedFor.QueueFull, why);
        }

        SetAlarm();
    }

    private void StartNext()
    {
        if (running is not null || isStopping || queue.TakeNext() is not { } next)
            return;
        TimeSpan waited = TimeSpan.FromMilliseconds(NowMs - next.ArrivedMs);
        TimeSpan? deadline = Deadline;
        if (HasLimit(next) && config.Server.UserTime is { } maxTime)
        {
            TimeSpan left = userTime.Left(next.UserId, maxTime, config.Server.UserWindow, NowMs);
            if (left <= TimeSpan.Zero)
            {
                string time = $"{Duration.Format(maxTime)} of the server";
                Refuse(next, RefusedFor.UserLimit, $"the crashes of user {next.UserId} have taken {time}");
                Self.Tell(LookIntoSpool.Instance);
                return;
            }

            if (deadline is null || waited + left < deadline)
                deadline = waited + left;
        }

        if (!sources.Begin(next, config.Server).Try(out BundleManifest? manifest, out string? why))
        {
            Refuse(next, RefusedFor.Invalid, why);
            Self.Tell(LookIntoSpool.Instance);
            return;
        }

        running = next;
        runningSinceMs = NowMs;
        teller.Now(running);
        // The deadline counts from the arrival of the crash.
        CopySettings settings = config.Copy with
        {
            Deadline = deadline,
            DeadlineSpent = waited,
        };
        IActorRef self = Self;
        engine.CopyAsync(manifest, settings, progress: null, stop.Token).ContinueWith(
            copy => self.Tell(copy.IsCompletedSuccessfully
                ? new CopyEnded(next, copy.Result)
                : new CopyBroke(next, copy.Exception!)),
            TaskScheduler.Default);
    }

    private void Handle(CopyEnded ended)
    {
        if (ended.Crash is Crash.Core core)
            CrashJournal.Tell(core.Facts, ended.Result);
        if (CopyOutcome.Of(ended.Result) is { } outcome)
            Finish(ended.Crash, outcome.End, outcome.Path, outcome.Message);
        GoOn();
    }

    private void Handle(CopyBroke broke)
    {
        if (broke.Crash is Crash.Core core)
            CrashJournal.TellNotSaved(core.Facts, "an internal error");
        Finish(broke.Crash, CrashEnd.Failed, null, $"an internal error; please report it: {broke.Bug}");
        GoOn();
    }

    private void Finish(Crash crash, CrashEnd end, string? path, string? message)
    {
        sources.Finish(crash, path is null ? message : null);
        teller.Ended(crash, end, path, message, NowMs);
    }

    private void Refuse(Crash crash, RefusedFor reason, string why)
    {
        sources.Refuse(crash, why);
        teller.Refused(crash, reason, why, NowMs);
        if (crash is Crash.Core core)
            CrashJournal.TellNotSaved(core.Facts, why);
    }

    /// <summary>A copy is over: the next one begins, or the server is idle again.</summary>
    private void GoOn()
    {
        if (running is { } ended && HasLimit(ended))
            userTime.Add(ended.UserId, NowMs - runningSinceMs, NowMs);
        running = null;
        // A copy may have raised it (process.oom-score-adj).
        _ = OomScore.Set(config.Server.OomScoreAdj);
        if (isStopping)
        {
            Context.Stop(Self);
            return;
        }

        // A manifest with the name of the finished one may wait in the spool.
        LookAround();
        if (running is not null)
            return;
        parts.Arms.Rest(config.Copy);
        teller.Now(running);
    }

    private void SetAlarm()
    {
        if (Deadline is not { } deadline || queue.Count == 0)
            return;
        long oldestMs = queue.Waiting.Min(static c => c.ArrivedMs);
        TimeSpan rest = deadline - TimeSpan.FromMilliseconds(NowMs - oldestMs);
        Timers.StartSingleTimer(nameof(LookForLate), LookForLate.Instance, rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
    }

    private TimeSpan? Deadline => config.Server.Deadline ?? config.Copy.Deadline;

    private void RefuseLate()
    {
        if (Deadline is { } deadline)
        {
            foreach (Crash late in queue.TakeOlderThan(NowMs - (long)deadline.TotalMilliseconds))
                Refuse(late, RefusedFor.Late, $"it waited longer than its deadline ({Duration.Format(deadline)})");
        }

        SetAlarm();
    }

    private void ReadSettings()
    {
        parts.Manager.TellReloading();
        Parsed<ServeConfig> read = ServeConfig.Read(parts.ConfigPath);
        if (!read.IsOk)
        {
            Messages.Tell($"the settings stay as they were: {read.Error}");
        }
        else if (ServeDestination.Problem(read.Value) is { } unusable)
        {
            Messages.Tell($"the settings stay as they were: {unusable.Message}");
        }
        else
        {
            if (!read.Value.HasSamePlaces(config))
                Messages.Tell("the spool and the sockets stay where they were; restart the server to move them");
            config = read.Value;
            queue.MaxWaiting = config.Server.MaxQueue;
            if (running is null)
                parts.Arms.Rest(config.Copy);
            _ = OomScore.Set(config.Server.OomScoreAdj);
            Messages.Tell("the settings are read again");
            SetAlarm();
        }

        teller.Ready(config, running);
    }

    private void Stop()
    {
        if (isStopping)
        {
            stop.Cancel();
            return;
        }

        isStopping = true;
        parts.Manager.TellStopping();
        // Manifests wait in the spool for the next server. A process cannot.
        foreach (Crash.Core waiting in queue.TakeCores())
            Refuse(waiting, RefusedFor.Stopping, "the server ends");
        if (running is null)
            Context.Stop(Self);
        else
            Timers.StartSingleTimer(nameof(StopTimePassed), StopTimePassed.Instance, config.Server.StopTimeout);
    }

    private ServerState State() => new(
        isStopping ? "stopping" : running is null ? "idle" : "copying",
        config.Copy.BudgetBytes,
        parts.Arms.IsLocked,
        config.Server.Destination!,
        running,
        NowMs,
        queue.Waiting,
        record);
}
