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
            return new Damage(
                DamageKind.NoSeekTable,
                file.SizeBytes,
                null,
                "The file is too short to be a compressed file of a bundle.");
        }

        if (window.Load(file, footerOffset, FooterBytes, file.SizeBytes) is { } unread)
            return unread;
        // The footer is needed again after the window has been used for the table.
        Span<byte> footerBytes = stackalloc byte[FooterBytes];
        window.Loaded.CopyTo(footerBytes);
        if (!SeekTableFooter.Parse(footerBytes, file.SizeBytes).Try(out SeekTableFooter footer, out Damage? damage))
            return damage;
        SeekTable table = new(footer);
        damage = CheckHeader(file, window, footer)
            ?? AddAll(file, window, table, footerOffset)
            ?? table.Complete(footerBytes);
        return damage is null ? table : damage;
    }

    private static Damage? CheckHeader(StoredFile file, FrameWindow window, SeekTableFooter footer)
    {
        if (window.Load(file, footer.Offset, SkippableHeaderBytes, file.SizeBytes) is { } damage)
            return damage;
        uint magic = Word(window.Loaded, 0);
        uint length = Word(window.Loaded, MagicBytes);
        return magic == SeekTableMagic && length == (footer.Count * EntryBytes) + FooterBytes
            ? null
            : new Damage(DamageKind.SeekTable, footer.Offset, null, "The seek table's frame is damaged.");
    }

    private static Damage? AddAll(StoredFile file, FrameWindow window, SeekTable table, long end)
    {
        long at = table.Offset + SkippableHeaderBytes;
        while (at < end)
        {
            int length = (int)Math.Min(end - at, PieceBytes);
            if ((window.Load(file, at, length, end) ?? table.Add(window.Loaded)) is { } damage)
                return damage;
            at += length;
        }

        return null;
    }
}
