namespace BundleCopier.Journal;

/// <summary>A file of an earlier run.</summary>
/// <param name="stamp">Its source at that time.</param>
internal sealed class JournaledFile(SourceStamp stamp)
{
    public SourceStamp Stamp => stamp;

    /// <summary>Its segments.</summary>
    public KeptList Segments { get; } = new();
}
