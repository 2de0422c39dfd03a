using BundleCopier.Faults;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Tests.Restore;

/// <summary>Reads a compressed file from memory with the engine's own parts, on one thread.</summary>
internal sealed class Reading : IDisposable
{
    private readonly Scratch scratch;
    private MemoryFile? last;

    public Reading() => _ = Scratch.Allocate(LinuxKernel.Instance).Try(out scratch!, out _);

    /// <summary>How many reads the last file took.</summary>
    public int Reads => last?.Reads ?? 0;

    /// <summary>Reads a file like verify or like extract; returns its damage, or null.</summary>
    /// <param name="file">The file.</param>
    /// <param name="entry">Its entry in the receipt.</param>
    /// <param name="checksGaps">Read like verify, also between the frames.</param>
    /// <param name="content">Gets the content, if it has the length in the receipt.</param>
    public Damage? Check(byte[] file, ReceiptFile entry, bool checksGaps, byte[]? content = null) =>
        Check(file, entry, checksGaps ? ContentUse.Verify : ContentUse.Whole, content)?.First;

    /// <summary>Reads a file; returns all its damage, or null.</summary>
    public FileDamage? Check(byte[] file, ReceiptFile entry, ContentUse use, byte[]? content = null)
    {
        RangeSet ranges = RangeSet.Of(entry.Ranges.Select(static r => new Extent(r.Offset, r.Length)));
        StoredFile stored = new(last = new MemoryFile(file), file.Length);
        if (!Lz4Content.Open(stored, entry.SizeBytes, ranges, use, scratch, CancellationToken.None)
            .Try(out IStoredContent? opened, out Damage? damage))
            return FileDamage.Of(damage);
        using IStoredContent closedAtTheEnd = opened;
        ContentCheck check = new(opened.Flaws);
        while (opened.TakeUnit(scratch).Try(out long? unit, out damage) && unit is { } taken)
        {
            check.Begin(taken);
            if (!opened.Load(taken, scratch).Try(out long? loaded, out damage))
                check.AddDamage(damage);
            check.End(taken, loaded, scratch.Lease.Digest);
            if (loaded is not { } segment)
                continue;
            foreach (Run run in scratch.Lease.Runs.AsSpan())
            {
                Span<byte> bytes = scratch.Lease.Slab.Slice(run.Offset, run.Length);
                long at = (segment * SegmentGrid.SegmentBytes) + run.Offset;
                if (content is not null)
                    bytes[..(int)Math.Min(run.Length, content.Length - at)].CopyTo(content.AsSpan((int)at));
            }
        }

        check.AddDamage(damage);
        return check.Conclude(entry);
    }

    /// <summary>Reads a file's seek table; returns its entries.</summary>
    public Result<SeekEntry[], Damage> ReadTable(byte[] file)
    {
        StoredFile stored = new(new MemoryFile(file), file.Length);
        if (!SeekTableReader.Read(stored, scratch.Window).Try(out SeekTable? table, out Damage? damage))
            return damage;
        StoredFrameIndex frames = new(stored, table);
        SeekEntry[] entries = new SeekEntry[frames.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            if (!frames.Entry(i, scratch).Try(out entries[i], out damage))
                return damage;
        }

        return entries;
    }

    public static ReceiptFile Entry(byte[] content, string name = "x") => Receipts.Raw(name, content) with
    {
        Output = $"files/{name}.lz4",
        Compression = OutputCompression.Lz4,
    };

    public void Dispose() => scratch.Dispose();
}
