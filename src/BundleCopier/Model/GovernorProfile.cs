using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>How much a copy holds back for whoever else uses the machine.</summary>
[JsonConverter(typeof(LowerCaseEnumConverter<GovernorProfile>))]
public enum GovernorProfile
{
    /// <summary>For neighbours that must not notice; about half of the speed that is free is used.</summary>
    Gentle,

    /// <summary>Neighbours wait half as long again; nearly all of the speed that is free is used.</summary>
    Balanced,

    /// <summary>Whatever the disk gives.</summary>
    Full,
}
