using System.Text.Json.Serialization;

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

/// <summary>How a file was written, as found out from the kernel and not as asked for.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<OutputIo>))]
public enum OutputIo
{
    /// <summary>Past the page cache.</summary>
    Direct,

    /// <summary>Through the page cache, dropped by the kernel once written.</summary>
    DontCache,

    /// <summary>Through the page cache in small windows.</summary>
    Bounded,
}

/// <summary>How a file's bytes travelled from the source.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<Travel>))]
public enum Travel
{
    /// <summary>Copied into huge pages, written from there.</summary>
    Slab,

    /// <summary>Written by the kernel straight from a mapping.</summary>
    Map,
}
