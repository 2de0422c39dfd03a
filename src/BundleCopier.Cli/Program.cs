using BundleCopier.Cli;

return await CommandLine.RunAsync(args);
