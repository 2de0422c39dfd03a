using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>How a file's bytes were read from the source.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<ReadMode>))]
public enum ReadMode
{
    /// <summary>Read into a slab of memory (huge pages where possible) and written from there.</summary>
    Slab,

    /// <summary>Mapped; the kernel writes straight from the mapping.</summary>
    Map,
}
