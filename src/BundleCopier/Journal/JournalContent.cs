using BundleCopier.Model;

namespace BundleCopier.Journal;

/// <summary>A file of an earlier run.</summary>
/// <param name="stamp">Its source at that time.</param>
internal sealed class JournaledFile(SourceStamp stamp)
{
    private readonly SortedList<long, KeptSegment> segments = [];

    public SourceStamp Stamp => stamp;

    /// <summary>Its segments, in order.</summary>
    public IList<KeptSegment> Segments => segments.Values;

    /// <summary>Adds a segment, which replaces an earlier one of the same number.</summary>
    public void Add(KeptSegment segment)
    {
        // Frames lie in the order of their segments: a later run has cut the stream before this frame.
        while (segment.Frame is not null && segments.Count > 0 && segments.Keys[^1] >= segment.Segment)
            segments.RemoveAt(segments.Count - 1);
        segments[segment.Segment] = segment;
    }
}

/// <summary>
/// What the journal of an earlier run says. A reader takes the whole blocks at the start of the journal; the first
/// block that is not whole ends it. Nothing of it is believed: each segment is compared with what is on disk before it
/// counts.
/// </summary>
/// <param name="bootId">The machine's boot at that time.</param>
/// <param name="bundle">The name of the bundle in the manifest.</param>
internal sealed class JournalContent(string bootId, string bundle)
{
    // Some 120 bytes in memory each. What is beyond counts as not written.
    private const int MaxRecords = 4_000_000;

    private readonly Dictionary<string, JournaledFile> files = [];
    private readonly Dictionary<int, JournaledFile> byNumber = [];
    private int records;

    /// <summary>The machine's boot when the journal was begun.</summary>
    public string BootId => bootId;

    /// <summary>The name of the bundle in the manifest.</summary>
    public string Bundle => bundle;

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
            if (reader.ReadByte() != JournalFormat.StartRecord || reader.ReadInt32() != JournalFormat.Version)
                return null;
            JournalContent content = new(reader.ReadString(), reader.ReadString()) { Blocks = 1 };
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

                byNumber[number] = file;
                return true;
            case JournalFormat.SegmentRecord or JournalFormat.FrameRecord:
                bool isKnown = byNumber.TryGetValue(reader.ReadInt32(), out JournaledFile? owner);
                KeptSegment segment = JournalFormat.ReadSegment(reader, kind == JournalFormat.FrameRecord);
                if (isKnown)
                    owner!.Add(segment);
                return isKnown;
            default:
                return false;
        }
    }
}
