using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>How much of the machine's speed a copy leaves to other programs.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<GovernorProfile>))]
public enum GovernorProfile
{
    /// <summary>Other programs must not notice the copy. It uses about half of the speed that is free.</summary>
    Gentle,

    /// <summary>
    /// Other programs may wait one and a half times as long. The copy uses nearly all of the speed that is free.
    /// </summary>
    Balanced,

    /// <summary>The copy is as fast as the disk allows.</summary>
    Full,
}
