using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collector;

/// <summary>
/// Answers <c>GET /metrics</c> and <c>GET /health</c> on 127.0.0.1. One request at a time is enough for a scraper.
/// </summary>
internal sealed partial class MetricsServer(
    CollectorSettings settings,
    PrometheusText metrics,
    HealthCheckService health,
    ILogger<MetricsServer> log)
    : BackgroundService
{
    private readonly HttpListener listener = new();

    /// <summary>The port, once the server has started.</summary>
    public int Port { get; private set; }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Port = settings.MetricsPort == 0 ? FreePort() : settings.MetricsPort;
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        Listening(log, Port);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using CancellationTokenRegistration end = stoppingToken.Register(listener.Close);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext request = await listener.GetContextAsync().ConfigureAwait(false);
                await AnswerAsync(request, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The client has gone, or the server ends.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext request, CancellationToken stop)
    {
        (int status, string text) = request.Request.Url?.AbsolutePath switch
        {
            "/metrics" => (200, metrics.Scrape()),
            "/health" => await HealthAsync(stop).ConfigureAwait(false),
            _ => (404, "Ask for /metrics or /health.\n"),
        };
        using HttpListenerResponse response = request.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text), stop).ConfigureAwait(false);
    }

    private async Task<(int Status, string Text)> HealthAsync(CancellationToken stop)
    {
        HealthReport report = await health.CheckHealthAsync(stop).ConfigureAwait(false);
        IEnumerable<string> lines =
            report.Entries.Select(static e => $"{e.Key}: {e.Value.Status} {e.Value.Description}");
        return (report.Status == HealthStatus.Unhealthy ? 503 : 200, $"{string.Join('\n', lines)}\n");
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    [LoggerMessage(1, LogLevel.Information, "Metrics: http://127.0.0.1:{Port}/metrics.")]
    private static partial void Listening(ILogger log, int port);
}
