using Collector;
using Microsoft.Extensions.Hosting;

using IHost host = CollectorHost.Build(args);
await host.RunAsync();
