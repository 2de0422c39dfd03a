using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Write;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

internal sealed class SimDirectory(SimKernel kernel, SimFolder folder, string name)
    : SimHandle(kernel, name), IDirectory
{
    public string? KernelFilesystem => Kernel.KernelFilesystem;

    public UntrustedDirectory? Untrusted => Kernel.Untrusted;

    public IoResult<IDirectory> CreateDirectory(string name)
    {
        Errno error = Enter(SimOp.CreateDirectory, 0);
        if (error.IsError && error.Code != EMFILE)
            return IoResult<IDirectory>.Failed(error);
        if (folder.Children.ContainsKey(name))
            return IoResult<IDirectory>.Failed(EEXIST);
        SimFolder made = new() { Claim = Kernel.NewDirectories };
        folder.Add(name, made);
        // Creating and opening are two calls, and the second may fail alone.
        return error.IsError
            ? IoResult<IDirectory>.Failed(error)
            : IoResult<IDirectory>.Ok(new SimDirectory(Kernel, made, $"{Name}/{name}"));
    }

    public IoResult<IDirectory> OpenDirectory(string name)
    {
        if (Enter(SimOp.OpenDirectory, 0) is { IsError: true } error)
        {
            folder.Children.GetValueOrDefault(name)?.LeaveOver();
            return IoResult<IDirectory>.Failed(error);
        }

        return folder.Children.GetValueOrDefault(name) switch
        {
            null => IoResult<IDirectory>.Failed(ENOENT),
            SimFolder found => IoResult<IDirectory>.Ok(new SimDirectory(Kernel, found, $"{Name}/{name}")),
            _ => IoResult<IDirectory>.Failed(ENOTDIR),
        };
    }

    public IoResult<IDirectory> OpenOwnDirectory(string name) => OpenDirectory(name);

    public IoResult<IOutputFile> OpenOutput(string name, OutputIo io)
    {
        if (Enter(SimOp.OpenFile, 0) is { IsError: true } error)
            return IoResult<IOutputFile>.Failed(error);
        return folder.Children.GetValueOrDefault(name) switch
        {
            null => IoResult<IOutputFile>.Failed(ENOENT),
            SimFile found => IoResult<IOutputFile>.Ok(new SimOutputFile(Kernel, found, $"{Name}/{name}", io)),
            _ => IoResult<IOutputFile>.Failed(KernelErrors.NotRegular),
        };
    }

    public IoResult<IOutputFile> CreateFile(string name, OutputIo io)
    {
        if (Enter(SimOp.CreateFile, 0) is { IsError: true } error)
            return IoResult<IOutputFile>.Failed(error);
        if (folder.Children.ContainsKey(name))
            return IoResult<IOutputFile>.Failed(EEXIST);
        if (!Kernel.HasSpace(SimPages.PageBytes))
            return IoResult<IOutputFile>.Failed(ENOSPC);
        SimFile made = new();
        folder.Add(name, made);
        return IoResult<IOutputFile>.Ok(new SimOutputFile(Kernel, made, $"{Name}/{name}", io));
    }

    public IoResult<IOutputFile> CreateNameless(OutputIo io)
    {
        if (Enter(SimOp.CreateNameless, 0) is { IsError: true } error)
            return IoResult<IOutputFile>.Failed(error);
        return Kernel.HasSpace(SimPages.PageBytes)
            ? IoResult<IOutputFile>.Ok(new SimOutputFile(Kernel, new SimFile(), $"a file without a name in {Name}", io))
            : IoResult<IOutputFile>.Failed(ENOSPC);
    }

    public IoResult<ISourceFile> OpenFile(string name) => OpenFile(name, Kernel.DestinationIo == OutputIo.Direct);

    /// <summary>Opens a file for reads around the page cache, or through it.</summary>
    public IoResult<ISourceFile> OpenFile(string name, bool isDirect)
    {
        if (Enter(SimOp.OpenFile, 0) is { IsError: true } error)
            return IoResult<ISourceFile>.Failed(error);
        return folder.Children.GetValueOrDefault(name) switch
        {
            null => IoResult<ISourceFile>.Failed(ENOENT),
            SimFile found => IoResult<ISourceFile>.Ok(
                new SimStoredFile(Kernel, found, $"{Name}/{name}", isDirect)),
            _ => IoResult<ISourceFile>.Failed(KernelErrors.NotRegular),
        };
    }

    public IoResult Probe(string name) => Enter(SimOp.Probe, 0) is { IsError: true } error
        ? IoResult.Failed(error)
        : folder.Children.ContainsKey(name) ? IoResult.Done : IoResult.Failed(ENOENT);

    public IoResult Rename(string name, string newName)
    {
        bool isTakenBack = FreeName.IsOf(SimCase.Bundle, name);
        Kernel.CouldNotTakeNameBack |= isTakenBack;
        if (Enter(SimOp.Rename, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        Kernel.CouldNotTakeNameBack &= !isTakenBack;
        if (folder.Children.ContainsKey(newName))
            return IoResult.Failed(EEXIST);
        if (!folder.Children.TryGetValue(name, out SimNode? moved))
            return IoResult.Failed(ENOENT);
        // A bundle that is about to be removed, or that loses its name again, need not be on disk.
        if (!BundleNames.IsCondemned(newName) && !BundleNames.IsPartial(newName))
            AssertSynced(moved, name, newName);
        folder.Rename(name, newName);
        return IoResult.Done;
    }

    private void AssertSynced(SimNode moved, string name, string newName)
    {
        foreach ((string path, SimNode below) in moved.Below(name))
        {
            if (Kernel.WatchesOrder && (below.IsDirty || below.IsTainted) && !below.MayBeLeftOver
                && path != $"{name}/{BundleNames.Journal}")
                Kernel.AddViolation(
                    $"{path} was {(below.IsTainted ? "lost" : "not synced")} when its bundle was renamed to {newName}");
        }
    }

    public IoResult Exchange(string name, string other)
    {
        bool isTakenBack = name == SimCase.Bundle;
        Kernel.CouldNotTakeNameBack |= isTakenBack;
        if (Enter(SimOp.Exchange, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        Kernel.CouldNotTakeNameBack &= !isTakenBack;
        if (!folder.Children.TryGetValue(name, out SimNode? moved) || !folder.Children.ContainsKey(other))
            return IoResult.Failed(ENOENT);
        if (other == SimCase.Bundle)
            AssertSynced(moved, name, other);
        folder.Exchange(name, other);
        return IoResult.Done;
    }

    // Only extract uses these two, and its tests run on the real kernel.
    public IoResult Link(IOutputFile nameless, string name) => IoResult.Failed(ENOSYS);

    public IoResult RenameFile(string name, string newName) => Rename(name, newName);

    public IoResult RemoveTree(string name)
    {
        if (Enter(SimOp.RemoveTree, 0) is { IsError: true } error)
        {
            folder.Children.GetValueOrDefault(name)?.LeaveOver();
            return IoResult.Failed(error);
        }

        if (!folder.Children.ContainsKey(name))
            return IoResult.Failed(ENOENT);
        folder.RemoveTree(name);
        return IoResult.Done;
    }

    public IDiskCounter? OpenDiskCounter() => null;

    public IoResult RemoveGently(string name, IDirectory held, Func<bool> isStopped) =>
        isStopped() ? IoResult.Failed(ECANCELED)
        : folder.Children.GetValueOrDefault(name) is { } named && named != ((SimDirectory)held).Folder
            ? IoResult.Failed(ESTALE)
        : RemoveTree(name);

    public IoResult<TreeUse> Measure(string name)
    {
        if (Enter(SimOp.Measure, 0) is { IsError: true } error)
            return IoResult<TreeUse>.Failed(error);
        if (!folder.Children.TryGetValue(name, out SimNode? node))
            return IoResult<TreeUse>.Failed(ENOENT);
        long pages = node.Below("").Sum(static n => n.Node is SimFile file ? file.Pages.Present.Count : 0);
        return IoResult<TreeUse>.Ok(new TreeUse(pages * SimPages.PageBytes, node.ModifiedAt));
    }

    public IoResult Lock()
    {
        if (Enter(SimOp.Lock, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        if ((folder.LockedBy is not null && folder.LockedBy != this) || folder.Readers.Any(r => r != this))
            return IoResult.Failed(EAGAIN);
        folder.LockedBy = this;
        return IoResult.Done;
    }

    public IoResult LockShared()
    {
        if (Enter(SimOp.Lock, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        if (folder.LockedBy is not null && folder.LockedBy != this)
            return IoResult.Failed(EAGAIN);
        folder.Readers.Add(this);
        return IoResult.Done;
    }

    public IoResult LockSoon() => Lock();

    public void Unlock() => Closing();

    public IoResult<IReadOnlyList<string>> ListNames() => IoResult<IReadOnlyList<string>>.Ok([.. folder.Children.Keys]);

    public IoResult Identify(string name, out FileIdentity identity)
    {
        identity = default;
        if (Enter(SimOp.Identify, 0) is { IsError: true } error)
            return IoResult.Failed(error);
        if (!folder.Children.TryGetValue(name, out SimNode? node))
            return IoResult.Failed(ENOENT);
        identity = node.Identity;
        return IoResult.Done;
    }

    public IoResult Identify(out FileIdentity identity)
    {
        identity = folder.Identity;
        return Enter(SimOp.Identify, 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;
    }

    public DirectoryClaim ClaimTo(IDirectory parent, string name) =>
        ((SimDirectory)parent).Folder.Children.GetValueOrDefault(name) != folder ? DirectoryClaim.Replaced
            : folder.Claim;

    public IoResult FindOwner(string name, out bool isOfAnother)
    {
        isOfAnother = IsOfAnother(name);
        return Probe(name);
    }

    public bool IsOfAnother(string name) => Kernel.NewDirectories != DirectoryClaim.OfAnother
        && folder.Children.GetValueOrDefault(name) is { } node
        // Where the mount gives one owner to all files, the directory has the same.
        && (node.IsOfAnotherUser || node is SimFolder { Claim: DirectoryClaim.OfAnother });

    public IoResult ReadRights(out FileRights rights)
    {
        rights = folder.Claim switch
        {
            DirectoryClaim.OfAnother => new FileRights(65534, 0x41C0),
            DirectoryClaim.OpenToOthers => new FileRights(0, 0x41ED),
            _ => new FileRights(0, 0x41C0),
        };
        return Enter(SimOp.Identify, 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;
    }

    public IoResult Sync() => Kernel.Sync(folder, Name, Enter(SimOp.SyncDirectory, 0));

    public IoResult SyncFilesystem()
    {
        Errno error = Enter(SimOp.SyncFilesystem, 0);
        foreach ((string path, SimNode node) in Kernel.Destination.Below(""))
        {
            if (node.IsDirty)
                _ = Kernel.Sync(node, path, error);
        }

        return error.IsError ? IoResult.Failed(error) : IoResult.Done;
    }

    public IoResult FreeBytes() => Kernel.FreeBytes is { } free ? IoResult.Ok(free) : IoResult.Failed(EOPNOTSUPP);

    public IoResult TotalBytes() =>
        Kernel.FreeBytes is null ? IoResult.Failed(EOPNOTSUPP) : IoResult.Ok(Kernel.SpaceBytes);

    public IoResult<IProbeFile> CreateProbe() => Enter(SimOp.CreateProbe, 0) is { IsError: true } error
        ? IoResult<IProbeFile>.Failed(error)
        : IoResult<IProbeFile>.Ok(new SimProbeFile(Kernel, Name));

    public IoResult<DestinationTraits> ProbeOutputIo() => Enter(SimOp.ProbeOutputIo, 0) is { IsError: true } error
        ? IoResult<DestinationTraits>.Failed(error)
        : IoResult<DestinationTraits>.Ok(new DestinationTraits(Kernel.DestinationIo));

    private SimFolder Folder => folder;

    protected override void Closing()
    {
        if (folder.LockedBy == this)
            folder.LockedBy = null;
        folder.Readers.Remove(this);
    }
}

/// <summary>A file without a name.</summary>
internal sealed class SimProbeFile(SimKernel kernel, string directory)
    : SimHandle(kernel, $"a probe in {directory}"), IProbeFile
{
    public IoResult WriteAndSync() =>
        Enter(SimOp.WriteProbe, 0) is { IsError: true } error ? IoResult.Failed(error) : IoResult.Done;
}
