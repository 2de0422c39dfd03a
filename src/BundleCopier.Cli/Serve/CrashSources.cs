using System.Globalization;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// Where crashes come from, and what has to be done there when one begins or is over: the file of a manifest moves on,
/// and a process that waits in the kernel is let go.
/// </summary>
internal sealed class CrashSources(SpoolFolder spool)
{
    private const int MaxTold = 20;

    /// <summary>Takes the manifests that wait in the spool, and gives their names.</summary>
    public IReadOnlyList<string> TakeNew()
    {
        if (!spool.Waiting().Try(out IReadOnlyList<string>? names, out Errno error))
        {
            Messages.Tell($"the spool cannot be listed: {error.Name}");
            return [];
        }

        List<string> taken = [];
        foreach (string name in names)
        {
            IoResult result = spool.Take(name);
            if (result.IsOk)
                taken.Add(name);
            // A manifest of the same name is in work. This file is taken when that copy is over.
            else if (result.Error.Name is not ("EEXIST" or "ENOENT"))
                Messages.Tell($"{name} cannot be taken out of the spool: {result.Error.Name}");
        }

        return taken;
    }

    /// <summary>The manifests that an earlier server had taken and not finished.</summary>
    public IReadOnlyList<string> Unfinished()
    {
        if (!spool.Unfinished().Try(out IReadOnlyList<string>? names, out _))
            return [];
        foreach (string name in names)
            Messages.Tell($"{name}: an earlier server has not finished it, so it is copied again");
        return names;
    }

    /// <summary>
    /// Tells what copies of cores have left that did not end, such as those of a server that was killed. A core comes
    /// once, so they cannot go on; the kernel has let their processes go.
    /// </summary>
    public static void TellUnfinished(string destination)
    {
        List<string> names = [];
        _ = LinuxKernel.Instance.ListNames(destination, name =>
        {
            if (BundleNames.IsPartial(name))
                names.Add(name);
            return names.Count < MaxTold;
        });
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            Messages.Tell($"{Messages.Printed(Path.Combine(destination, name))}: a copy did not end, or still runs. A "
                + "core in it is not whole and cannot be resumed; destination.retention.partial-max-age removes it");
        }
    }

    /// <summary>What to copy of a crash whose turn has come, or why it is refused.</summary>
    public Result<BundleManifest, string> Begin(Crash crash, ServeSettings settings)
    {
        if (crash is Crash.Core core)
            return Begin(core, settings);
        return SpooledManifest.Read(spool, crash.Name, settings.Destination!)
            .Try(out SpooledManifest? found, out string? why)
            ? found.Manifest
            : why;
    }

    /// <summary>A copy is over.</summary>
    /// <param name="crash">The crash.</param>
    /// <param name="whyNot">Why there is no bundle; null where there is one.</param>
    public void Finish(Crash crash, string? whyNot)
    {
        // The copy has closed the connection of a core.
        if (crash is not Crash.Manifest)
            return;
        IoResult removed = whyNot is null ? spool.Finish(crash.Name) : spool.Refuse(crash.Name, whyNot);
        if (!removed.IsOk)
            Messages.Tell($"{crash.Name} stays in the spool: {removed.Error.Name}");
    }

    /// <summary>A crash is not tried.</summary>
    public void Refuse(Crash crash, string why)
    {
        if (crash is Crash.Core core)
            core.Offer.Reject();
        else
            Finish(crash, why);
    }

    private static Result<BundleManifest, string> Begin(Crash.Core crash, ServeSettings settings)
    {
        DumpedProcess process = crash.Offer.Process;
        if (!crash.Offer.Accept().Try(out SafeFileHandle? stream, out Errno error))
            return $"the kernel does not send the core: {error.Name}";
        StreamSource source = new(stream)
        {
            Core = new CoreFacts
            {
                Pid = process.ProcessId,
                Uid = process.UserId,
                Gid = process.GroupId,
                Signal = process.Signal,
                Executable = process.Executable ?? process.Name,
            },
        };
        Parsed<BundleManifest> manifest = CrashBundle.OfCore(
            source,
            process.Name,
            crash.At,
            Environment.MachineName,
            settings.SharedMemory,
            where: string.Create(CultureInfo.InvariantCulture, $"core:{process.ProcessId}"));
        if (manifest.IsOk)
            manifest = manifest.Value.WithDestination(settings.Destination!, "bundle-copier.serve.destination");
        if (manifest.IsOk)
            return manifest.Value;
        stream.Dispose();
        return manifest.Error.ToString();
    }
}
