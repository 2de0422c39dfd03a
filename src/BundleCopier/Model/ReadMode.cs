using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>How a file's bytes travelled from the source.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<ReadMode>))]
public enum ReadMode
{
    /// <summary>Copied into huge pages, written from there.</summary>
    Slab,

    /// <summary>Written by the kernel straight from a mapping.</summary>
    Map,
}
