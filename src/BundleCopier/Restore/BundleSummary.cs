using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>What a receipt says, as far as people read it. Of long lists it has the start.</summary>
/// <param name="Head">The receipt without labels and files.</param>
/// <param name="Saved">What is saved and missing.</param>
internal sealed record BundleSummary(BundleReceipt Head, SavedBytes Saved)
{
    /// <summary>The first labels.</summary>
    public IReadOnlyList<(string Key, string Value)> Labels { get; init; } = [];

    /// <summary>How many labels there are besides.</summary>
    public int MoreLabels { get; init; }

    /// <summary>The first files that are not in the bundle with all their bytes.</summary>
    public IReadOnlyList<ShownFile> Incomplete { get; init; } = [];

    /// <summary>The first files that are.</summary>
    public IReadOnlyList<ShownFile> Whole { get; init; } = [];

    /// <summary>Compressed files.</summary>
    public int Lz4Files { get; init; }

    /// <summary>Bytes of data in compressed files.</summary>
    public long Lz4DataBytes { get; init; }

    /// <summary>Bytes that were written for them.</summary>
    public long Lz4WrittenBytes { get; init; }

    /// <summary>Files that are in the bundle and changed meanwhile, or may have.</summary>
    public int UnstableFiles { get; init; }
}

/// <summary>A file of a bundle, as people see it. Its texts are shortened.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Entry">Its entry in the receipt without texts, ranges and metadata.</param>
internal sealed record ShownFile(string Name, string Source, ShownEntry Entry)
{
    /// <summary>Why it is not complete; null where it is.</summary>
    public ReceiptError? Error { get; init; }

    /// <summary>Where its data is; null where nobody asked for it, or it cannot be known.</summary>
    public FileMap? Map { get; init; }
}

/// <summary>The figures of a file.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="DataBytes">Its data without holes.</param>
/// <param name="WrittenBytes">What was written for it.</param>
/// <param name="Compression">How it is stored.</param>
/// <param name="IsOpened">It was opened, so its size is known.</param>
internal readonly record struct ShownEntry(
    FileStatus Status,
    long SizeBytes,
    long DataBytes,
    long WrittenBytes,
    OutputCompression Compression,
    bool IsOpened);
