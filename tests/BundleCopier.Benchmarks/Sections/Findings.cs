using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Ways;

namespace BundleCopier.Benchmarks.Sections;

/// <summary>All measurements. Those of sections that did not run are missing.</summary>
public sealed class Findings
{
    private readonly Dictionary<string, IReadOnlyList<Series>> copies = [];

    /// <summary>The fastest shape of fio.</summary>
    public FioShape? FioShape { get; set; }

    /// <summary>The share of the source that was in huge pages, from 0 to 1.</summary>
    public double? HugeShare { get; set; }

    /// <summary>Why there was no source in huge pages.</summary>
    public string? HugeMissing { get; set; }

    /// <summary>The time from fork to the end of <c>bundlecopy --version</c>.</summary>
    public Summary? VersionMs { get; set; }

    /// <summary>The time from exec to the first write of content.</summary>
    public Summary? FirstWriteMs { get; set; }

    public void Add(string section, IReadOnlyList<Series> series) => copies[section] = series;

    /// <summary>The ways that a section compared, in their order.</summary>
    public IReadOnlyList<Series> Of(string section) => copies.GetValueOrDefault(section, []);

    /// <summary>One way in one section.</summary>
    public Series? Find(string section, string way) => Of(section).FirstOrDefault(s => s.Id == way);
}
