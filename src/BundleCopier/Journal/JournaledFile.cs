namespace BundleCopier.Journal;

/// <summary>A file of an earlier run.</summary>
/// <param name="stamp">Its source at that time.</param>
/// <param name="bootId">The machine's boot when its output was made.</param>
internal sealed class JournaledFile(SourceStamp stamp, string bootId)
{
    public SourceStamp Stamp => stamp;

    /// <summary>The machine's boot when its output was made.</summary>
    public string BootId => bootId;

    /// <summary>Its segments.</summary>
    public KeptList Segments { get; } = new();
}
