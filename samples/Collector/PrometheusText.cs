using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Collector;

/// <summary>
/// The metrics of the copier in the text format of Prometheus (version 0.0.4). It listens to the meter, so it needs no
/// package; an application that has OpenTelemetry writes <c>AddMeter("BundleCopier")</c> instead.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> all = [];
    private readonly MeterListener listener = new();

    public PrometheusText()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "BundleCopier")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    /// <summary>All metrics as they are now.</summary>
    public string Scrape()
    {
        StringBuilder text = new();
        foreach (IGrouping<Instrument, KeyValuePair<(Instrument Instrument, string Labels), Series>> group in all
            .OrderBy(static s => s.Key.Instrument.Name, StringComparer.Ordinal)
            .ThenBy(static s => s.Key.Labels, StringComparer.Ordinal)
            .GroupBy(static s => s.Key.Instrument))
        {
            string name = NameOf(group.Key);
            text.Append("# HELP ").Append(name).Append(' ').Append(group.Key.Description).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(group.Key)).Append('\n');
            foreach ((var key, Series series) in group)
                series.Write(text, name, key.Labels);
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder labels = new();
        foreach ((string key, object? tag) in tags)
        {
            if (tag is null)
                continue;
            labels.Append(labels.Length == 0 ? "" : ",").Append(key.Replace('.', '_')).Append("=\"");
            labels.Append($"{tag}".ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        all.GetOrAdd((instrument, labels.ToString()), static key => new Series(BoundsOf(key.Instrument))).Add(value);
    }

    private static double[]? BoundsOf(Instrument instrument) =>
        instrument is Histogram<double> histogram ? [.. histogram.Advice?.HistogramBucketBoundaries ?? []] : null;

    // By becomes _bytes, s becomes _seconds; counts of things ({file}) have no unit.
    private static string NameOf(Instrument instrument)
    {
        string unit = instrument.Unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
        string total = TypeOf(instrument) == "counter" ? "_total" : "";
        return $"{instrument.Name.Replace('.', '_')}{unit}{total}";
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Counter<int> or Counter<long> or Counter<double> => "counter",
        Histogram<double> => "histogram",
        _ => "gauge",
    };

    private sealed class Series(double[]? bounds)
    {
        private readonly Lock gate = new();
        private readonly long[] counts = new long[bounds?.Length ?? 0];
        private double sum;
        private long count;

        public void Add(double value)
        {
            lock (gate)
            {
                sum += value;
                count++;
                for (int i = 0; i < counts.Length; i++)
                    counts[i] += value <= bounds![i] ? 1 : 0;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (gate)
            {
                if (bounds is null)
                {
                    Line(text, name, labels, sum);
                    return;
                }

                string more = labels.Length == 0 ? "" : $"{labels},";
                for (int i = 0; i < counts.Length; i++)
                    Line(text, $"{name}_bucket", $"{more}le=\"{Number(bounds[i])}\"", counts[i]);
                Line(text, $"{name}_bucket", $"{more}le=\"+Inf\"", count);
                Line(text, $"{name}_sum", labels, sum);
                Line(text, $"{name}_count", labels, count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(Number(value)).Append('\n');
        }

        private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }
}
