namespace BundleCopier.Journal;

/// <summary>Collects the records of a journal in blocks, until they are written.</summary>
internal sealed class JournalBlocks : IDisposable
{
    private readonly MemoryStream sealedBlocks = new();
    private readonly MemoryStream records = new();
    private readonly BinaryWriter writer;
    private readonly byte[] block = new byte[JournalFormat.BlockBytes];
    private long nextBlock;

    /// <param name="firstBlock">The number of the first block.</param>
    public JournalBlocks(long firstBlock)
    {
        nextBlock = firstBlock;
        writer = new BinaryWriter(records);
    }

    /// <summary>Bytes that wait to be written.</summary>
    public long Bytes => sealedBlocks.Length + records.Length;

    /// <summary>Adds the first record of a run.</summary>
    public void AddStart(string bootId, string bundle)
    {
        int start = (int)records.Length;
        JournalFormat.WriteStart(writer, bootId, bundle);
        EndRecord(start);
    }

    /// <summary>Adds a file.</summary>
    public void AddFile(int file, string output, in SourceStamp stamp, bool isAgain)
    {
        int start = (int)records.Length;
        JournalFormat.WriteFile(writer, file, output, stamp, isAgain);
        EndRecord(start);
    }

    /// <summary>Adds a segment.</summary>
    public void AddSegment(in JournalEntry entry)
    {
        int start = (int)records.Length;
        JournalFormat.WriteSegment(writer, entry);
        EndRecord(start);
    }

    /// <summary>Takes all blocks, the last one filled up. The memory is valid until the next record.</summary>
    public ReadOnlySpan<byte> Take()
    {
        if (records.Length > 0)
            Seal();
        int length = (int)sealedBlocks.Length;
        sealedBlocks.SetLength(0);
        return sealedBlocks.GetBuffer().AsSpan(0, length);
    }

    public void Dispose()
    {
        sealedBlocks.Dispose();
        writer.Dispose();
    }

    // A record that does not fit into the block begins the next one.
    private void EndRecord(int start)
    {
        if (records.Length <= JournalFormat.MaxRecordBytes)
            return;
        byte[] last = records.GetBuffer()[start..(int)records.Length];
        records.SetLength(start);
        Seal();
        records.Write(last);
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
