using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>How a run ended for the bundle as a whole.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<BundleStatus>))]
public enum BundleStatus
{
    /// <summary>Every file, every byte.</summary>
    Complete,

    /// <summary>Something is missing; the files say what and why.</summary>
    Partial,

    /// <summary>Stopped by a signal or the caller; what was complete by then is here.</summary>
    Cancelled,
}

/// <summary>What became of one file.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<FileStatus>))]
public enum FileStatus
{
    /// <summary>All that was asked for is here.</summary>
    Copied,

    /// <summary>Part of it is here; <c>ranges</c> says which.</summary>
    Partial,

    /// <summary>Nothing of it is here, because something went wrong.</summary>
    Failed,

    /// <summary>Nothing of it is here, because its turn never came.</summary>
    Skipped,
}

/// <summary>How a file's bytes are stored.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<OutputCompression>))]
public enum OutputCompression
{
    /// <summary>As they were.</summary>
    None,

    /// <summary>As an LZ4 stream.</summary>
    Lz4,
}
