namespace BundleCopier.Benchmarks.Sections;

/// <summary>A part of the benchmark that can run alone. It takes its sources away again.</summary>
public interface ISection
{
    /// <summary>Its name on the command line.</summary>
    string Id { get; }

    /// <summary>Measures, and adds what it found.</summary>
    void Run(Bench bench, Findings findings);
}
