using BundleCopier.Model;

namespace BundleCopier.Journal;

/// <summary>
/// What the journal of an earlier run says. A reader takes the whole blocks at the start of the journal; the first
/// block that is not whole ends it. Nothing of it is believed: each segment is compared with what is on disk before it
/// counts.
/// </summary>
internal sealed class JournalContent
{
    // Some 32 to 72 bytes in memory each. What is beyond counts as not written.
    private const int MaxRecords = 4_000_000;

    private readonly Dictionary<string, JournaledFile> files = [];
    private readonly Dictionary<int, JournaledFile> byNumber = [];
    private int records;

    /// <summary>The name of the bundle in the manifest.</summary>
    public string Bundle { get; private set; } = "";

    /// <summary>The files, by the path of their output below <c>files/</c>.</summary>
    public IReadOnlyDictionary<string, JournaledFile> Files => files;

    /// <summary>The number of blocks that were read.</summary>
    public long Blocks { get; private set; }

    /// <summary>Reads the first block of a journal. Null where it is no journal of this version.</summary>
    public static JournalContent? Begin(ReadOnlyMemory<byte> block)
    {
        if (JournalFormat.Open(block, number: 0) is not { } records)
            return null;
        using BinaryReader reader = Reader(records);
        try
        {
            if (reader.PeekChar() != JournalFormat.StartRecord)
                return null;
            JournalContent content = new() { Blocks = 1 };
            return content.TryRead(reader) ? content : null;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Reads the next block. False where the journal ends before it.</summary>
    public bool TryAdd(ReadOnlyMemory<byte> block)
    {
        if (JournalFormat.Open(block, Blocks) is not { } records)
            return false;
        using BinaryReader reader = Reader(records);
        if (!TryRead(reader))
            return false;
        Blocks++;
        return true;
    }

    /// <summary>Takes out all files but those that are wanted.</summary>
    /// <param name="isWanted">Asked about the path of each output.</param>
    public void Keep(Func<string, bool> isWanted)
    {
        foreach (string output in files.Keys.Where(output => !isWanted(output)).ToArray())
            _ = files.Remove(output);
    }

    /// <summary>Takes a file out.</summary>
    public JournaledFile Take(string output)
    {
        _ = files.Remove(output, out JournaledFile? file);
        return file ?? throw new InvalidOperationException($"{output} was taken twice.");
    }

    // All runs of a directory are of one bundle.
    private bool IsOfBundle(string name)
    {
        if (Bundle.Length == 0)
            Bundle = name;
        return Bundle == name;
    }

    // Never a path that leads out of the directory.
    private static bool IsBelow(string path) =>
        PathText.Components(path).All(static name => name is not ("" or "." or ".."));

    private static BinaryReader Reader(ReadOnlyMemory<byte> records) =>
        new(new MemoryStream(records.ToArray(), writable: false));

    private bool TryRead(BinaryReader reader)
    {
        try
        {
            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                if (!TryReadRecord(reader))
                    return false;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private bool TryReadRecord(BinaryReader reader)
    {
        if (records++ == MaxRecords)
            return false;
        byte kind = reader.ReadByte();
        switch (kind)
        {
            case JournalFormat.StartRecord:
                if (reader.ReadInt32() != JournalFormat.Version)
                    return false;
                _ = reader.ReadString(); // the machine's boot, for people
                byNumber.Clear();
                return IsOfBundle(reader.ReadString());
            case JournalFormat.FileRecord or JournalFormat.FileAgainRecord:
                int number = reader.ReadInt32();
                string output = JournalFormat.ReadName(reader);
                if (!IsBelow(output))
                    return false;
                SourceStamp stamp = JournalFormat.ReadStamp(reader);
                if (kind == JournalFormat.FileRecord || !files.TryGetValue(output, out JournaledFile? file)
                    || file.Stamp != stamp)
                {
                    files[output] = file = new JournaledFile(stamp);
                }

                file.Segments.BeginRun();
                byNumber[number] = file;
                return true;
            case JournalFormat.SegmentRecord or JournalFormat.FrameRecord:
                bool isKnown = byNumber.TryGetValue(reader.ReadInt32(), out JournaledFile? owner);
                KeptSegment segment = JournalFormat.ReadSegment(reader, kind == JournalFormat.FrameRecord);
                bool isPossible = segment.DataBytes is >= 0 and <= SegmentGrid.SegmentBytes
                    && segment.WrittenBytes >= 0
                    && segment.Segment >= 0;
                if (isKnown && isPossible)
                    owner!.Segments.Add(segment);
                return isKnown && isPossible;
            default:
                return false;
        }
    }
}
