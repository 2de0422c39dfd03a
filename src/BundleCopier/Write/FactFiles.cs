using BundleCopier.Actors;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The facts about processes: small files below <c>facts/</c> in the bundle. They are written before the copied files,
/// so their space needs no reservation. A fact that cannot be written costs only itself. If another process changes one
/// before the commit, nothing is committed. Synchronous and without actors.
/// </summary>
/// <param name="bundle">The bundle's directory, which the caller owns.</param>
/// <param name="io">How they are written.</param>
/// <param name="slab">Memory for one segment, which only the keeper uses.</param>
internal sealed class FactFiles(IDirectory bundle, OutputIo io, nint slab)
{
    // Facts take at most an eighth of the free space: on a small disk, the copied memory needs the rest.
    private const int MaxShare = 8;

    private readonly List<(string Name, FileIdentity Identity)> written = [];

    /// <summary>The whole filesystem must be synced before the commit.</summary>
    public bool HasUnsynced { get; private set; }

    /// <summary>
    /// The error of removing facts that may not be on disk. The bundle must not be committed with them.
    /// </summary>
    public IoResult Left { get; private set; }

    /// <summary>Writes the facts.</summary>
    /// <param name="facts">The facts; those of one directory stand together.</param>
    /// <param name="freeBytes">The free space; null where the filesystem does not tell.</param>
    /// <param name="pulse">Shows that it gets on; null where no actor waits for it.</param>
    public IReadOnlyList<ReceiptFact> Write(IReadOnlyList<GatheredFact> facts, long? freeBytes, Pulse? pulse = null)
    {
        List<ReceiptFact> told = new(facts.Count);
        long leftBytes = (freeBytes ?? long.MaxValue) / MaxShare;
        bool syncsEach = io != OutputIo.Direct || facts.Count <= KeeperActor.MaxOwnSyncs;
        IoResult synced = IoResult.Done;
        IoResult<IDirectory> all = bundle.CreateDirectory(BundleNames.Facts);
        foreach (IGrouping<string, GatheredFact> group in facts.GroupBy(static f => PathText.Parent(f.Name)))
        {
            IoResult<IDirectory> opened = all.Try(out IDirectory? top, out Errno error)
                ? top.CreateDirectory(PathText.Name(group.Key))
                : IoResult<IDirectory>.Failed(error);
            using IDirectory? directory = opened.Value;
            foreach (GatheredFact fact in group)
            {
                pulse?.Beat();
                long bytes = Alignment.Up(fact.Content.Length) + Alignment.Bytes;
                Errno lost = fact.Error.IsError ? fact.Error
                    : directory is null ? opened.Error
                    : bytes > leftBytes ? new Errno(ENOSPC)
                    : Write(directory, fact, syncsEach).Error;
                leftBytes -= lost.IsError ? 0 : bytes;
                told.Add(lost.IsError
                    ? new ReceiptFact(fact.Name, 0, Error: lost.Name)
                    : new ReceiptFact(
                        fact.Name,
                        fact.Content.Length,
                        ReceiptFact.ChecksumOf(fact.Content),
                        fact.IsCut ? true : null));
            }

            if (synced.IsOk && directory is not null)
                synced = directory.SyncWhereSupported();
        }

        if (all.Try(out IDirectory? made, out _))
        {
            synced = synced.IsOk ? made.SyncWhereSupported() : synced;
            made.Dispose();
        }
        else
        {
            // It may have been made and not opened.
            Remove();
        }

        return synced.IsOk ? told : GiveUp(told, synced.Error);
    }

    private void Remove()
    {
        IoResult removed = bundle.RemoveTree(BundleNames.Facts);
        Left = removed.Error.Code == ENOENT ? IoResult.Done : removed;
    }

    // A name that is not on disk could be missing from a committed bundle.
    private IReadOnlyList<ReceiptFact> GiveUp(List<ReceiptFact> told, Errno error)
    {
        written.Clear();
        HasUnsynced = false;
        Remove();
        return told.ConvertAll(fact => fact with
        {
            Bytes = 0,
            Checksum = null,
            Cut = null,
            Error = fact.Error ?? error.Name,
        });
    }

    /// <summary>The first fact that another process has changed since it was written; null for none.</summary>
    public string? FindChanged()
    {
        if (written.Count == 0)
            return null;
        if (!bundle.OpenOwnDirectory(BundleNames.Facts).Try(out IDirectory? all, out _))
            return BundleNames.Facts;
        using (all)
        {
            foreach (IGrouping<string, (string Name, FileIdentity Identity)> group in
                written.GroupBy(static w => PathText.Parent(w.Name)))
            {
                if (!all.OpenOwnDirectory(PathText.Name(group.Key)).Try(out IDirectory? directory, out _))
                    return group.Key;
                using (directory)
                {
                    foreach ((string name, FileIdentity identity) in group)
                    {
                        if (directory.IsChanged(PathText.Name(name), identity))
                            return name;
                    }
                }
            }
        }

        return null;
    }

    private IoResult Write(IDirectory directory, GatheredFact fact, bool syncs)
    {
        string leaf = PathText.Name(fact.Name);
        if (!directory.CreateFile(leaf, io).Try(out IOutputFile? file, out Errno error))
            return IoResult.Failed(error);
        using (file)
        {
            SlabStream stream = new(file, slab);
            stream.Write(fact.Content);
            IoResult result = stream.Complete(syncs);
            FileIdentity identity = default;
            if (result.IsOk)
            {
                long wholeBytes = result.Value;
                result = file.Identify(out identity);
                if (result.IsOk && identity.SizeBytes != wholeBytes)
                    result = IoResult.Failed(EIO);
            }

            if (result.IsOk)
            {
                HasUnsynced |= !syncs;
                written.Add((fact.Name, identity));
                return result;
            }

            _ = directory.RemoveTree(leaf);
            return result;
        }
    }
}
