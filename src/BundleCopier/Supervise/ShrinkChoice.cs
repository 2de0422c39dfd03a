using BundleCopier.Plan;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>
/// Chooses which files are compressed to save space (destination.when-full): those that are opened while not all files
/// fit. A file of which an earlier run has saved some stays raw or compressed, as it is. Pure.
/// </summary>
internal sealed class ShrinkChoice
{
    private long[]? needs; // the space that each file needs beside what an earlier run has saved; null: none shrinks
    private long unopenedBytes; // the needs of files that are not opened yet

    /// <summary>Tells how much data each file has, in bytes; null where no file is compressed to save space.</summary>
    public void Expect(long[]? dataBytes) => needs = dataBytes;

    /// <summary>Some files are left out, and the others have other places in the order. No file is open yet.</summary>
    public void Replace(SourceListing all, SourceListing fewer)
    {
        if (needs is null)
            return;
        Dictionary<string, long> byName = [];
        for (int i = 0; i < needs.Length; i++)
            byName.TryAdd(all.NameOf(i), needs[i]);
        needs = [.. Enumerable.Range(0, fewer.Count).Select(i => byName.GetValueOrDefault(fewer.NameOf(i)))];
    }

    /// <summary>Tells what an earlier run has saved; before the first file is opened.</summary>
    public void Expect(EarlierFiles earlier)
    {
        for (int i = 0; needs is not null && i < needs.Length; i++)
        {
            needs[i] = Math.Max(0, needs[i] - earlier.Of(i).DataBytes);
            unopenedBytes += needs[i];
        }
    }

    /// <summary>Whether a file that is opened now is compressed.</summary>
    /// <param name="file">Its place in the order.</param>
    /// <param name="share">What an earlier run has saved of it.</param>
    /// <param name="space">The space of the destination.</param>
    public bool MustShrink(int file, EarlierShare share, SpaceLedger space)
    {
        if (needs is null)
            return false;
        return share.DataBytes > 0 ? share.IsCompressed : space.IsShortOf(unopenedBytes);
    }

    /// <summary>A file is open, or will never be: it needs its space from now on, or none.</summary>
    public void Leave(int file) => unopenedBytes -= needs is null ? 0 : needs[file];
}
