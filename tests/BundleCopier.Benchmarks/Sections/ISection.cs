namespace BundleCopier.Benchmarks.Sections;

/// <summary>A part of the benchmark that can run alone. It removes its sources at its end.</summary>
public interface ISection
{
    /// <summary>Its name on the command line.</summary>
    string Id { get; }

    /// <summary>Measures, and adds the results.</summary>
    void Run(Bench bench, Findings findings);
}
