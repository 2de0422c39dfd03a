using BundleCopier.Settings;
using Microsoft.Extensions.Configuration;

namespace BundleCopier.Hosting;

/// <summary>
/// The options of the bundle copier in an application. Its settings come from four places; for each setting a later one
/// beats an earlier one: the defaults, HOCON, <see cref="Section"/>, <see cref="Change"/>.
/// </summary>
public sealed class BundleCopierOptions
{
    /// <summary>The section of <c>IConfiguration</c> that is read when <see cref="Section"/> is null.</summary>
    public const string SectionName = "BundleCopier";

    private readonly List<Func<CopySettings, CopySettings>> changes = [];
    private readonly List<Func<EngineSettings, EngineSettings>> engineChanges = [];

    /// <summary>
    /// The section with the settings; null for <see cref="SectionName"/> of the application. Its keys are those of
    /// HOCON: <c>writer.max-rate</c> is <c>Writer:MaxRate</c>. Case and hyphens do not count.
    /// </summary>
    public IConfigurationSection? Section { get; set; }

    /// <summary>
    /// HOCON for the actor system that <c>AddBundleCopier</c> starts; null for the defaults. An application that has
    /// an actor system of its own gives HOCON there, with <c>AddHocon</c>, and this is not read.
    /// </summary>
    public string? Hocon { get; set; }

    /// <summary>Changes settings in code, after all others; several changes follow each other.</summary>
    /// <param name="change">Gets the settings so far and returns those that count.</param>
    public void Change(Func<CopySettings, CopySettings> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        changes.Add(change);
    }

    /// <summary>Changes the settings of the engine in code, after all others.</summary>
    /// <param name="change">Gets the settings so far and returns those that count.</param>
    public void ChangeEngine(Func<EngineSettings, EngineSettings> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        engineChanges.Add(change);
    }

    internal EngineSettings ApplyToEngine(EngineSettings settings) =>
        engineChanges.Aggregate(settings, static (s, change) => change(s));

    internal CopySettings Apply(CopySettings settings) => changes.Aggregate(settings, static (s, change) => change(s));
}
