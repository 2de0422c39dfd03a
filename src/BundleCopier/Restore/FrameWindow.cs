using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Restore;

/// <summary>An open file of a bundle, and its size.</summary>
internal sealed record StoredFile(ISourceFile Source, long SizeBytes);

/// <summary>
/// The part of a file that is in memory. Bytes that are not in it are read in whole blocks, around the page cache. Its
/// capacity is fixed, and one thread uses it.
/// </summary>
internal sealed unsafe class FrameWindow(nint address, int capacityBytes)
{
    private StoredFile? holds;
    private long start;
    private long end;
    private long loadedOffset;
    private int loadedBytes;

    /// <summary>The bytes of the last <see cref="Load"/>. They are valid until the next call.</summary>
    public ReadOnlySpan<byte> Loaded =>
        new((void*)(address + (nint)(loadedOffset - start)), loadedBytes);

    /// <summary>Loads bytes of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="length">
    /// How many; at most the capacity less two blocks. All of them must lie inside the file.
    /// </param>
    /// <param name="limit">Bytes before this offset will be needed soon, and are read too where they fit.</param>
    /// <returns>Why they cannot be read; null when they are in <see cref="Loaded"/>.</returns>
    public Damage? Load(StoredFile file, long offset, int length, long limit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, capacityBytes - (2 * Alignment.Bytes));
        (loadedOffset, loadedBytes) = (offset, length);
        return ReferenceEquals(file, holds) && offset >= start && offset + length <= end
            ? null
            : Fill(file, offset, offset + length, limit);
    }

    private Damage? Fill(StoredFile file, long offset, long minEnd, long limit)
    {
        holds = file;
        start = Alignment.Down(offset);
        end = start;
        long wantedEnd = Math.Min(Math.Max(minEnd, Math.Min(limit, start + capacityBytes)), file.SizeBytes);
        bool isDirect = file.Source.Traits.IsDirect;
        while (end < wantedEnd)
        {
            long from = isDirect ? Alignment.Down(end) : end;
            long length = (isDirect ? Alignment.Up(wantedEnd) : wantedEnd) - from;
            IoResult read = file.Source.Read(address + (nint)(from - start), (int)length, from);
            if (read.Error.IsInterrupted)
                continue;
            if (!read.IsOk)
                return new Damage(DamageKind.Unreadable, end, null, $"It cannot be read: {read.Error.Name}.");
            if (from + read.Value <= end)
                return new Damage(DamageKind.WrongSize, end, null, "It ends before it should.");
            end = Math.Min(from + read.Value, wantedEnd);
        }

        return null;
    }
}
