using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Model;
using static BundleCopier.Lz4.FrameFormat;

namespace BundleCopier.Restore;

/// <summary>Reads the seek table at the end of a compressed file.</summary>
internal static class SeekTableReader
{
    // SeekTable takes whole entries, and 1 MiB is no multiple of 24 bytes.
    private const int PieceBytes = SegmentGrid.SegmentBytes / EntryBytes * EntryBytes;

    /// <summary>Reads and checks the table.</summary>
    /// <param name="file">The file.</param>
    /// <param name="window">Room to read it in.</param>
    public static Result<SeekTable, Damage> Read(StoredFile file, FrameWindow window)
    {
        long footerOffset = file.SizeBytes - FooterBytes;
        if (footerOffset < SkippableHeaderBytes)
        {
            return Result<SeekTable, Damage>.Failed(new Damage(
                DamageKind.NoSeekTable,
                file.SizeBytes,
                null,
                "The file is too short to be a compressed file of a bundle."));
        }

        ReadOnlySpan<byte> bytes = window.Get(file, footerOffset, FooterBytes, file.SizeBytes, out Damage? damage);
        if (damage is not null)
            return Result<SeekTable, Damage>.Failed(damage);
        // The window is used again before the footer is needed for the last time.
        Span<byte> footerBytes = stackalloc byte[FooterBytes];
        bytes.CopyTo(footerBytes);
        SeekTableFooter footer = SeekTableFooter.Parse(footerBytes, file.SizeBytes, out damage);
        if (damage is not null)
            return Result<SeekTable, Damage>.Failed(damage);
        SeekTable table = new(footer);
        damage = CheckHeader(file, window, footer)
            ?? AddAll(file, window, table, footerOffset)
            ?? table.Complete(footerBytes);
        return damage is null ? Result<SeekTable, Damage>.Ok(table) : Result<SeekTable, Damage>.Failed(damage);
    }

    private static Damage? CheckHeader(StoredFile file, FrameWindow window, SeekTableFooter footer)
    {
        ReadOnlySpan<byte> header = window.Get(
            file, footer.Offset, SkippableHeaderBytes, file.SizeBytes, out Damage? damage);
        if (damage is not null)
            return damage;
        return Word(header, 0) == SeekTableMagic && Word(header, 4) == (footer.Count * EntryBytes) + FooterBytes
            ? null
            : new Damage(DamageKind.SeekTable, footer.Offset, null, "The seek table's frame is damaged.");
    }

    private static Damage? AddAll(StoredFile file, FrameWindow window, SeekTable table, long end)
    {
        long at = table.Offset + SkippableHeaderBytes;
        while (at < end)
        {
            int length = (int)Math.Min(end - at, PieceBytes);
            ReadOnlySpan<byte> piece = window.Get(file, at, length, end, out Damage? damage);
            damage ??= table.Add(piece);
            if (damage is not null)
                return damage;
            at += length;
        }

        return null;
    }
}
