using System.Text.Json.Serialization;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>How a run ended.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<BundleStatus>))]
public enum BundleStatus
{
    /// <summary>Every byte of every file was copied.</summary>
    Complete,

    /// <summary>Something is missing; the entries of the files say what and why.</summary>
    Partial,

    /// <summary>A signal or the caller stopped it; files that were complete by then are in the bundle.</summary>
    Cancelled,
}

/// <summary>What became of one file.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<FileStatus>))]
public enum FileStatus
{
    /// <summary>All wanted bytes are in the bundle.</summary>
    Copied,

    /// <summary>A part is in the bundle; <c>ranges</c> says which.</summary>
    Partial,

    /// <summary>Nothing is in the bundle, because of an error.</summary>
    Failed,

    /// <summary>Nothing is in the bundle, because the run ended before this file was begun.</summary>
    Skipped,
}

/// <summary>How a file's bytes are stored.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<OutputCompression>))]
public enum OutputCompression
{
    /// <summary>Unchanged.</summary>
    None,

    /// <summary>As an LZ4 stream.</summary>
    Lz4,
}
