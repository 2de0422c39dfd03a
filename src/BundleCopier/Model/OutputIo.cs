using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>How a file was written: what the kernel really did, not what it was asked for.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<OutputIo>))]
public enum OutputIo
{
    /// <summary>Without the page cache (O_DIRECT).</summary>
    Direct,

    /// <summary>Through the page cache; the kernel drops the pages once they are written (RWF_DONTCACHE).</summary>
    DontCache,

    /// <summary>Through the page cache in small windows; each is written back and dropped before the next.</summary>
    Bounded,
}
