using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>A manifest that was read from the spool.</summary>
/// <param name="Manifest">The manifest, with the server's destination.</param>
/// <param name="UserId">The owner of its file.</param>
internal sealed record SpooledManifest(BundleManifest Manifest, uint UserId)
{
    /// <summary>Reads a manifest that was taken out of the spool.</summary>
    /// <returns>The manifest, or why it is refused.</returns>
    public static Result<SpooledManifest, string> Read(SpoolFolder spool, string name, string destination)
    {
        if (!spool.Read(name, ManifestReader.MaxBytes).Try(out SpoolFile? file, out string? why))
            return $"{name}: {why}";
        Parsed<BundleManifest> manifest = ManifestReader.Read(file.Content, name);
        if (manifest.IsOk)
            manifest = manifest.Value.WithDestination(destination, "bundle-copier.serve.destination");
        return manifest.IsOk ? new SpooledManifest(manifest.Value, file.UserId) : manifest.Error.ToString();
    }
}
