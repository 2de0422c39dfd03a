using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using BundleCopier.Hosting;
using BundleCopier.Manifest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace BundleCopier.Tests.Hosting;

public sealed class TelemetryTests : IDisposable
{
    private readonly HostedPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task A_copy_is_seen_in_metrics_spans_logs_and_health_without_dead_letters()
    {
        byte[] heap = new byte[(5 << 20) + 17];
        new Random(1).NextBytes(heap);
        File.WriteAllBytes($"{place.Source}/heap", heap);
        ConcurrentDictionary<string, double> metrics = [];
        using MeterListener meters = Listen(metrics);
        ConcurrentBag<Activity> spans = [];
        using ActivityListener tracer = new()
        {
            ShouldListenTo = static s => s.Name == "BundleCopier",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(tracer);
        using Activity caller = new Activity("caller").Start();
        EventLog log = new();
        using IHost host = Build(log);
        await host.StartAsync();
        ActorSystem system = host.Services.GetRequiredService<ActorSystem>();
        IActorRef letters = system.ActorOf(Props.Create(static () => new Letters()));
        system.EventStream.Subscribe(letters, typeof(DeadLetter));
        IBundleCopier copier = host.Services.GetRequiredService<IBundleCopier>();

        BundleManifest both = Manifest("good", $"{place.Source}/heap", $"{place.Source}/gone");
        CopyResult good = await copier.Start(both).Completion;
        Assert.Same(caller, Activity.Current);
        Assert.Equal(HealthStatus.Healthy, await Health(host));
        CopyResult bad = await copier.Start(Manifest("good", $"{place.Source}/heap")).Completion;
        Assert.IsType<CopyResult.Committed>(good);
        Assert.IsType<CopyResult.Refused>(bad);
        Assert.Equal(HealthStatus.Degraded, await Health(host));
        await host.StopAsync();

        // Other tests of this process copy, too.
        Assert.True(metrics["bundlecopier.data.saved"] >= heap.Length);
        Assert.True(metrics["bundlecopier.segments"] >= 6);
        Assert.True(metrics["bundlecopier.files"] >= 2);
        Assert.True(metrics["bundlecopier.write.duration"] > 0);
        Assert.True(metrics["bundlecopier.copy.duration"] > 0);
        Assert.Contains("bundlecopier.budget.usage", metrics.Keys);
        Activity[] own = [.. spans.Where(s => s.TraceId == caller.TraceId)];
        Activity copy = own.Single(static s => s.OperationName == "bundlecopier.copy" && s.Status == default);
        Assert.Equal(caller.SpanId, copy.ParentSpanId);
        Assert.Equal("partial", copy.GetTagItem("bundlecopier.copy.status"));
        Assert.Equal(
            ["bundlecopier.committing", "bundlecopier.copying", "bundlecopier.listing", "bundlecopier.preparing"],
            own.Where(s => s.ParentSpanId == copy.SpanId).Select(static s => s.OperationName).Order());
        Activity refused = own.Single(static s => s.Status == ActivityStatusCode.Error);
        Assert.Equal("bundle_exists", refused.GetTagItem("error.type"));
        Assert.Equal([1, 10, 20, 12, 10, 13], log.Events);
        Assert.Empty(Letters.Found);
    }

    private static async Task<HealthStatus> Health(IHost host)
    {
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["bundle-copier"].Status;
    }

    private static MeterListener Listen(ConcurrentDictionary<string, double> metrics)
    {
        MeterListener meters = new()
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "BundleCopier")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        void Add(Instrument instrument, double value) =>
            metrics.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        meters.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        meters.Start();
        return meters;
    }

    private static IHost Build(EventLog log) => new HostBuilder()
        .ConfigureServices(services => services
            .AddLogging(logging => logging.AddProvider(log))
            .AddBundleCopier()
            .AddAkka("telemetry", static builder => builder.WithBundleCopier())
            .AddHealthChecks().AddBundleCopier())
        .Build();

    private BundleManifest Manifest(string name, params string[] files) =>
        BundleManifest.Create(name, files.Select(static f => new ManifestFile(f)), place.Destination).Value!;

    private sealed class Letters : ReceiveActor
    {
        public static readonly ConcurrentQueue<DeadLetter> Found = [];

        public Letters() => Receive<DeadLetter>(Found.Enqueue);
    }

    private sealed class EventLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<int> events = [];

        public int[] Events => [.. events];

        public ILogger CreateLogger(string categoryName) => categoryName == "BundleCopier" ? this : new EventLog();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => events.Enqueue(eventId.Id);

        public void Dispose()
        {
            // Nothing to release.
        }
    }
}
