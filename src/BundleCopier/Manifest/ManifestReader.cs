using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Manifest;

/// <summary>
/// Reads a manifest: strict JSON in UTF-8, with or without a byte order mark. Unknown fields, duplicate keys and nulls
/// are errors.
/// </summary>
public static class ManifestReader
{
    /// <summary>The largest manifest that is read, in bytes.</summary>
    internal const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The version of the format that this program knows.</summary>
    internal const int Version = 1;

    // The format itself needs five levels. Unknown fields may be deeper, so that the error is about them and not the
    // depth.
    private const int MaxDepth = 16;

    /// <summary>Reads and checks a manifest.</summary>
    /// <param name="utf8">The whole text, in UTF-8.</param>
    /// <param name="where">What error messages call it: a file name or <c>stdin</c>.</param>
    /// <returns>A valid manifest, or the first error in it.</returns>
    public static Parsed<BundleManifest> Read(ReadOnlySpan<byte> utf8, string where)
    {
        if (utf8.Length > MaxBytes)
        {
            return new InputError(
                where, "", "is larger than 16 MiB", "Use patterns in \"source\", or more than one bundle.");
        }

        // Some editors write a byte order mark, and users cannot see it.
        if (utf8.StartsWith(JsonPlace.ByteOrderMark))
            utf8 = utf8[JsonPlace.ByteOrderMark.Length..];
        if (JsonCheck.Problem(utf8, where, MaxDepth) is InputError text)
            return text;
        ManifestDto? dto;
        try
        {
            dto = JsonSerializer.Deserialize(utf8, ManifestJson.Default.ManifestDto);
        }
        catch (JsonException e)
        {
            string field = JsonPlace.Field(e);
            string place = JsonPlace.Of(utf8, JsonPlace.Offset(utf8, e));
            return new InputError(
                where, field, $"has the wrong type or is out of range ({place})", ExpectedAt(field));
        }

        if (dto is null)
            return new InputError(where, "", "must not be null", ExpectedAt(""));
        if (ProblemIn(dto, where) is InputError problem)
            return problem;
        ManifestFile[] files = [.. dto.Files!.Select(static f => ToDomain(f!))];
        return ManifestRules.Check(where, dto.Bundle!, dto.Destination, dto.Labels!, files, OwnerOf(dto));
    }

    // The checks that come before the rules: the version is known, all fields are known, no required field is missing.
    private static InputError? ProblemIn(ManifestDto dto, string where)
    {
        if (dto.Version is null)
            return Missing(where, "", "version", $"Write \"version\": {Version}.");
        if (dto.Version != Version)
        {
            return new InputError(
                where,
                "version",
                $"is {dto.Version}, which this program does not know",
                $"Write \"version\": {Version}.");
        }

        if (UnknownIn(dto.Unknown, "", ManifestJson.Default.ManifestDto, where) is InputError unknown)
            return unknown;
        if (dto.Bundle is null)
            return Missing(where, "", "bundle", ManifestRules.BundleMend);
        if (dto.Files is null)
            return Missing(where, "", "files", ManifestRules.FilesMend);
        if (dto.Owner is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number) })
            return new InputError(where, "owner", "is not a user", ManifestRules.OwnerMend);
        for (int i = 0; i < dto.Files.Count; i++)
        {
            if (ProblemIn(dto.Files[i]!, $"files[{i}]", where) is InputError problem)
                return problem;
        }
        return null;
    }

    private static InputError? ProblemIn(ManifestFileDto file, string path, string where)
    {
        if (UnknownIn(file.Unknown, path, ManifestJson.Default.ManifestFileDto, where) is InputError unknown)
            return unknown;
        if (MemoryRules.ProblemIn(file, path, where) is InputError inMemory)
            return inMemory;
        if (file.Escaped == true && file.Source is not null && NameEscape.Reverse(file.Source) is null)
            return new InputError(where, JsonPlace.Append(path, "source"), EscapeProblem, EscapeMend);
        if (file.Escaped == true && file.Name is not null && NameEscape.Reverse(file.Name) is null)
            return new InputError(where, JsonPlace.Append(path, "name"), EscapeProblem, EscapeMend);
        if (file.Compression is not null && !Compressions.ContainsKey(file.Compression))
        {
            return new InputError(
                where,
                JsonPlace.Append(path, "compression"),
                $"{Printable.Quoted(file.Compression)} is not a known choice",
                CompressionMend);
        }

        for (int i = 0; i < file.Ranges?.Count; i++)
        {
            ByteRangeDto range = file.Ranges[i]!;
            string rangePath = $"{path}.ranges[{i}]";
            if (UnknownIn(range.Unknown, rangePath, ManifestJson.Default.ByteRangeDto, where) is InputError inRange)
                return inRange;
            if (range.Offset is null)
                return Missing(where, rangePath, "offset", "Give the first byte's position, counted from 0.");
            if (range.Length is null)
                return Missing(where, rangePath, "length", "Give the number of bytes.");
        }
        return null;
    }

    private static string? OwnerOf(ManifestDto dto) => dto.Owner is not { } owner ? null
        : owner.ValueKind == JsonValueKind.String ? owner.GetString()
        : owner.GetRawText();

    private static readonly Dictionary<string, Compression> Compressions = new()
    {
        ["none"] = Compression.None,
        ["lz4"] = Compression.Lz4,
        ["auto"] = Compression.Auto,
    };

    private const string EscapeProblem = "has a backslash that escapes nothing";
    private const string EscapeMend =
        "With \"escaped\", \\xff is a byte and \\\\ is a backslash; in JSON each backslash is written twice.";

    private const string CompressionMend = "Give one of: \"none\", \"lz4\", \"auto\".";

    private static ManifestFile ToDomain(ManifestFileDto file) => SourceOf(file) with
    {
        Name = NameOf(file, file.Name),
        Exclude = file.Process is null ? PatternsOf(file, file.Exclude) : null,
        Ranges = file.Ranges?.ConvertAll(static r => new ByteRange(r!.Offset!.Value, r.Length!.Value)),
        Priority = file.Priority ?? 0,
        Compression = file.Compression is null ? null : Compressions[file.Compression],
    };

    private static ManifestFile SourceOf(ManifestFileDto file) =>
        file.Process is { } pid
            ? ManifestFile.OfProcess(
                new ProcessMemory(pid, PatternsOf(file, file.Include), PatternsOf(file, file.Exclude)))
        : file.Sysv is { } id ? ManifestFile.OfSysV(id)
        : new ManifestFile(NameOf(file, file.Source)!);

    private static IReadOnlyList<string>? PatternsOf(ManifestFileDto file, List<string?>? patterns) =>
        patterns?.ConvertAll(text => NameOf(file, text)!).AsReadOnly();

    private static string? NameOf(ManifestFileDto file, string? text) =>
        file.Escaped == true && text is not null ? NameEscape.Reverse(text) : text;

    private static InputError Missing(string where, string path, string field, string mend) =>
        new(where, JsonPlace.Append(path, field), "is missing", mend);

    private static InputError? UnknownIn(
        Dictionary<string, JsonElement>? unknown, string path, JsonTypeInfo type, string where)
    {
        if (unknown is null || unknown.Count == 0)
            return null;
        string name = unknown.Keys.First();
        string[] allowed = [.. type.Properties.Where(static p => !p.IsExtensionData).Select(static p => p.Name)];
        return new InputError(where, JsonPlace.Append(path, name), "is not a known field", Nearest.Mend(name, allowed));
    }

    private static string ExpectedAt(string field)
    {
        string last = field[(field.LastIndexOf('.') + 1)..];
        return last switch
        {
            "" => "Give one JSON object, as in the schema.",
            "version" => $"Write \"version\": {Version}.",
            "labels" => "Give an object of strings, such as { \"host\": \"node17\" }.",
            "files" => ManifestRules.FilesMend,
            "ranges" => ManifestRules.RangesMend,
            "compression" => CompressionMend,
            "escaped" => "Give true or false, without quotes.",
            "process" => MemoryRules.ProcessMend,
            "sysv" => MemoryRules.SysVMend,
            "include" or "exclude" => MemoryRules.PatternsMend,
            "priority" => $"Give a whole number from {int.MinValue} to {int.MaxValue}, without quotes.",
            "offset" or "length" => $"Give a whole number of bytes from 0 to {long.MaxValue}, without quotes.",
            _ when field.StartsWith("labels", StringComparison.Ordinal) =>
                "Labels are strings: put it in double quotes.",
            _ when last.StartsWith("include[", StringComparison.Ordinal)
                || last.StartsWith("exclude[", StringComparison.Ordinal) => MemoryRules.PatternsMend,
            _ when last.EndsWith(']') => "Give an object in braces here.",
            _ => "Give a string in double quotes.",
        };
    }
}
