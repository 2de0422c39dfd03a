// An application as a user would write it, with the package BundleCopier alone: copies one file into a bundle.
// scripts/check-packages publishes it with Native AOT and runs it.
using Akka.Actor;
using BundleCopier;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Settings;

Parsed<BundleManifest> manifest = BundleManifest.Create("crash", [new ManifestFile(args[0])], args[1]);
if (!manifest.IsOk)
    throw new ArgumentException(manifest.Error.ToString());
using ActorSystem system = ActorSystem.Create("collector", ReferenceConfig.Value);
CopyResult result = await new CopyEngine(system).CopyAsync(manifest.Value);
Console.WriteLine(result is CopyResult.Committed done ? $"{done.Path}: {done.Receipt.Status}" : result.ToString());
await system.Terminate();
return result is CopyResult.Committed ? 0 : 1;
