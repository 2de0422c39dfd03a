using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// Reads the extended attributes of sources, within the space that the receipt has for them
/// (<see cref="ReceiptRoom"/>). Another user can set any number of large attributes on a file, so what does not fit is
/// left out, and the receipt names it. Files that are opened first are served first.
/// </summary>
/// <param name="files">The number of files in the bundle.</param>
internal sealed class XattrBudget(int files)
{
    // One file must not take the space of all others.
    private const long MaxFileBytes = 16 * 1024;

    private readonly Lock gate = new();
    private long leftBytes = ReceiptRoom.XattrBytes(files);

    /// <summary>The attributes of a source; null when it has none.</summary>
    public SourceXattrs? Read(ISourceFile source)
    {
        if (!source.XattrNames().Try(out string[]? names, out Errno error))
        {
            // A filesystem without attributes has none to leave out.
            return error.Code == EOPNOTSUPP ? null : new SourceXattrs(null, new OmittedXattrs([]));
        }

        if (names.Length == 0)
            return null;
        Dictionary<string, ReadOnlyMemory<byte>> values = [];
        List<string> omittedNames = [];
        int omitted = 0;
        // Reserved first: while a call hangs, another thread reads the attributes of other files.
        long fileBytes = Reserve();
        foreach (string name in names)
        {
            if (Fits(ReceiptRoom.XattrBytes(name, 0), fileBytes)
                && source.ReadXattr(name, MaxValueBytes(name, fileBytes)).Try(out byte[]? value, out _))
            {
                fileBytes -= ReceiptRoom.XattrBytes(name, value.Length);
                values[name] = value;
                continue;
            }

            omitted++;
            if (!Fits(ReceiptRoom.XattrNameBytes(name), fileBytes))
                continue;
            fileBytes -= ReceiptRoom.XattrNameBytes(name);
            omittedNames.Add(name);
        }

        GiveBack(fileBytes);
        return new SourceXattrs(
            values.Count == 0 ? null : values, omitted == 0 ? null : new OmittedXattrs(omittedNames, omitted));
    }

    /// <summary>Leaves all attributes of a source out, and only counts them.</summary>
    public static SourceXattrs? Omit(ISourceFile source)
    {
        if (!source.XattrNames().Try(out string[]? names, out Errno error))
            return error.Code == EOPNOTSUPP ? null : new SourceXattrs(null, new OmittedXattrs([]));
        return names.Length == 0 ? null : new SourceXattrs(null, new OmittedXattrs([], names.Length));
    }

    private static bool Fits(long bytes, long fileBytes) => bytes <= fileBytes;

    private static int MaxValueBytes(string name, long fileBytes) =>
        (int)((fileBytes - ReceiptRoom.XattrNameBytes(name)) / 4 * 3);

    private long Reserve()
    {
        lock (gate)
        {
            long reserved = Math.Min(MaxFileBytes, leftBytes);
            leftBytes -= reserved;
            return reserved;
        }
    }

    private void GiveBack(long bytes)
    {
        lock (gate)
            leftBytes += bytes;
    }
}
