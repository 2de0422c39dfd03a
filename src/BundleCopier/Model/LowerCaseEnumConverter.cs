using System.Text.Json;
using System.Text.Json.Serialization;

namespace BundleCopier.Model;

/// <summary>Writes and reads enum values as lower-case names; refuses numbers.</summary>
internal sealed class LowerCaseEnumConverter<T>()
    : JsonStringEnumConverter<T>(LowerCase.Instance, allowIntegerValues: false)
    where T : struct, Enum
{
    private sealed class LowerCase : JsonNamingPolicy
    {
        public static readonly LowerCase Instance = new();

        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}
