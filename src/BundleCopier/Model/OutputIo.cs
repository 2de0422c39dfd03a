using System.Text.Json.Serialization;

namespace BundleCopier.Model;

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
