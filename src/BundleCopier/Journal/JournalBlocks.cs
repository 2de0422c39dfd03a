namespace BundleCopier.Journal;

/// <summary>Collects the records of a journal in blocks, until they are written.</summary>
/// <param name="firstBlock">The number of the first block.</param>
internal sealed class JournalBlocks(long firstBlock) : IDisposable
{
    private readonly MemoryStream sealedBlocks = new();
    private readonly MemoryStream records = new();
    private readonly MemoryStream record = new();
    private readonly byte[] block = new byte[JournalFormat.BlockBytes];
    private long nextBlock = firstBlock;

    /// <summary>Bytes that wait to be written.</summary>
    public long Bytes => sealedBlocks.Length + records.Length;

    /// <summary>Adds a record.</summary>
    public void Add(Action<BinaryWriter> addTo)
    {
        record.SetLength(0);
        using (BinaryWriter writer = new(record, System.Text.Encoding.UTF8, leaveOpen: true))
            addTo(writer);
        if (records.Length + record.Length > JournalFormat.MaxRecordBytes)
            Seal();
        record.WriteTo(records);
    }

    /// <summary>Takes all blocks, the last one filled up.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        if (records.Length > 0)
            Seal();
        ReadOnlyMemory<byte> taken = sealedBlocks.ToArray();
        sealedBlocks.SetLength(0);
        return taken;
    }

    public void Dispose()
    {
        sealedBlocks.Dispose();
        records.Dispose();
        record.Dispose();
    }

    private void Seal()
    {
        int length = (int)records.Length;
        records.GetBuffer().AsSpan(0, length).CopyTo(block.AsSpan(JournalFormat.HeaderBytes));
        JournalFormat.Seal(block, length, nextBlock++);
        sealedBlocks.Write(block);
        records.SetLength(0);
    }
}
