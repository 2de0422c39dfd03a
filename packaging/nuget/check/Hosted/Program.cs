// An application as a user would write it, with the package BundleCopier.Hosting: copies one file into a bundle.
// scripts/check-packages publishes it with Native AOT and runs it.
using Akka.Actor;
using Akka.Hosting;
using BundleCopier;
using BundleCopier.Hosting;
using BundleCopier.Input;
using BundleCopier.Manifest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddAkka("collector", akka => akka.WithBundleCopier());
using IHost host = builder.Build();
await host.StartAsync();

IActorRef copier = host.Services.GetRequiredService<ActorRegistry>().Get<BundleCopierKey>();
Parsed<BundleManifest> manifest = BundleManifest.Create("crash", [new ManifestFile(args[0])], args[1]);
if (!manifest.IsOk)
    throw new ArgumentException(manifest.Error.ToString());
BundleCopied answer = await copier.Ask<BundleCopied>(new CopyBundle(manifest.Value));
Console.WriteLine(
    answer.Result is CopyResult.Committed done ? $"{done.Path}: {done.Receipt.Status}" : answer.Result.ToString());
await host.StopAsync();
return answer.Result is CopyResult.Committed ? 0 : 1;
