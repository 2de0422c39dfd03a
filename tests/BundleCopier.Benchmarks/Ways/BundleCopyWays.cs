using System.Text.Json;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Ways;

/// <summary>bundlecopy, with its defaults and with other settings.</summary>
public sealed class BundleCopyWays(Workplace place)
{
    public const string DefaultId = "bundlecopy";
    public const string FullId = "full";

    /// <summary>
    /// The defaults: profile balanced, reader.mode auto, with checksums and zero search.
    /// </summary>
    public Way Default => With(DefaultId, "bundlecopy", "");

    /// <summary>The same at full speed.</summary>
    public Way Full => AtFullSpeed(FullId, "bundlecopy, full", "");

    public Way Slab => AtFullSpeed("slab", "bundlecopy, slab", "reader.mode = slab");

    public Way Map => AtFullSpeed("map", "bundlecopy, map", "reader.mode = map");

    public Way BareSlab =>
        AtFullSpeed("bare-slab", "bundlecopy, slab, bare", "reader.mode = slab, checksum = off, zero-detection = off");

    public Way BareMap =>
        AtFullSpeed("bare-map", "bundlecopy, map, bare", "reader.mode = map, checksum = off, zero-detection = off");

    /// <summary>reader.mode auto, without checksums and zero search.</summary>
    public Way BareAuto =>
        AtFullSpeed("bare-auto", "bundlecopy, auto, bare", "reader.mode = auto, checksum = off, zero-detection = off");

    public Way Lz4 => AtFullSpeed("lz4", "bundlecopy, lz4", "compression = lz4");

    /// <summary>A profile.</summary>
    public Way Profile(string name) => With(name, $"bundlecopy, {name}", $"governor.profile = {name}");

    /// <summary>Whether this program knows the settings of a way; a dry run answers it.</summary>
    public static bool IsKnown(Way way, CopyJob job) =>
        Meter.TryFirstLine(new Command([.. way.Command(job).Words, "--dry-run"])) is not null;

    private Way AtFullSpeed(string id, string title, string settings) =>
        With(id, title, $"governor.profile = full, {settings}");

    /// <summary>bundlecopy with settings in HOCON.</summary>
    public Way With(string id, string title, string settings)
    {
        string config = Path.Combine(place.Memory, $"{id}.hocon");
        return new Way(id, title, job =>
        {
            File.WriteAllText(config, $"bundle-copier {{ {settings} }}\n");
            return new Command(place.BundleCopy, "--manifest", WriteManifest(job), "--config", config, "--quiet");
        })
        { IsOurs = true };
    }

    /// <summary>Writes the manifest for a job. A directory means all files in it.</summary>
    public string WriteManifest(CopyJob job)
    {
        string source = Directory.Exists(job.Source) ? Path.Combine(job.Source, "*") : job.Source;
        string manifest = Path.Combine(place.Memory, "manifest.json");
        File.WriteAllText(manifest, $$"""
            {
              "version": 1, "bundle": "b", "destination": {{JsonSerializer.Serialize(job.Target)}},
              "files": [ { "source": {{JsonSerializer.Serialize(source)}} } ]
            }
            """);
        return manifest;
    }
}
