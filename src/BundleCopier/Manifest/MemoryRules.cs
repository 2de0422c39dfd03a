using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Manifest;

/// <summary>The rules for entries of a manifest that mean memory of a process.</summary>
internal static class MemoryRules
{
    public const string ProcessMend = "Give the number of a process, such as 4711.";
    public const string SysVMend = "Give the id of a segment, such as 32769; ipcs -m lists them.";
    public const string PatternsMend = "Give a list of patterns, such as [ \"engine-*\", \"memfd-*\" ].";

    private const string KindsMend = "Give one of \"source\", \"process\" and \"sysv\".";
    private const string SharedMemory = "shared";
    private const int MaxPatterns = 1000;

    // Names of mappings have at most 255 bytes, and the path of an output at most 4095.
    private const int MaxPrefixBytes = 3000;

    /// <summary>The first error in the fields of an entry, before it is made; null for none.</summary>
    public static InputError? ProblemIn(ManifestFileDto file, string path, string where)
    {
        (string Name, bool IsGiven)[] kinds =
        [
            ("source", file.Source is not null), ("process", file.Process is not null),
            ("sysv", file.Sysv is not null),
        ];
        string[] given = [.. kinds.Where(static k => k.IsGiven).Select(static k => k.Name)];
        if (given.Length == 0)
            return new InputError(where, JsonPlace.Append(path, "source"), "is missing", ManifestRules.SourceMend);
        if (given.Length > 1)
        {
            return new InputError(
                where, JsonPlace.Append(path, given[1]), $"cannot be given together with \"{given[0]}\"", KindsMend);
        }

        (string Name, bool IsGiven)[] ofProcess =
        [
            ("memory", file.Memory is not null), ("include", file.Include is not null),
        ];
        foreach ((string name, bool isGiven) in ofProcess)
        {
            if (isGiven && file.Process is null)
            {
                return new InputError(
                    where, JsonPlace.Append(path, name), "is only for a process", "Leave it out, or give \"process\".");
            }
        }

        return file.Memory is null or SharedMemory
            ? null
            : new InputError(
                where,
                JsonPlace.Append(path, "memory"),
                $"{Printable.Quoted(file.Memory)} is not a known choice",
                "Give \"shared\", or leave it out.");
    }

    /// <summary>What is wrong with an entry for a process; null when nothing is.</summary>
    public static InputError? CheckProcess(string where, string path, ManifestFile file)
    {
        ProcessMemory process = file.Process!;
        if (process.Pid <= 0)
            return new InputError(where, $"{path}.process", $"is {process.Pid}", ProcessMend);
        if (file.Ranges is not null)
        {
            return new InputError(
                where,
                $"{path}.ranges",
                "cannot be given for a process",
                "Leave it out; \"include\" chooses mappings.");
        }

        if (file.Name is { } name && PrefixProblem(name) is string problem)
            return new InputError(where, $"{path}.name", problem, ManifestRules.NameMend);

        return PatternProblem(where, $"{path}.include", process.Include)
            ?? PatternProblem(where, $"{path}.exclude", process.Exclude);
    }

    /// <summary>What is wrong with an entry for a System V segment; null when nothing is.</summary>
    public static InputError? CheckSysV(string where, string path, ManifestFile file) => file.SysV >= 0
        ? null
        : new InputError(where, $"{path}.sysv", $"is {file.SysV}", SysVMend);

    /// <summary>What is wrong with a directory of many files below files/; null when nothing is.</summary>
    public static string? PrefixProblem(string name) => NameRules.NameProblem(name)
        ?? (NameBytes.Count(name) > MaxPrefixBytes ? $"is longer than {MaxPrefixBytes} bytes" : null);

    /// <summary>What is wrong with a list of patterns; null when nothing is.</summary>
    public static InputError? PatternProblem(string where, string path, IReadOnlyList<string>? patterns)
    {
        if (patterns is null)
            return null;
        if (patterns.Count is 0 or > MaxPatterns)
        {
            return new InputError(
                where, path, $"has {patterns.Count} patterns", $"Give 1 to {MaxPatterns}, or leave it out.");
        }

        for (int i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].Length == 0 || NameBytes.Count(patterns[i]) >= NameRules.MaxPathBytes)
                return new InputError(where, $"{path}[{i}]", "is empty or too long", PatternsMend);
        }

        return null;
    }
}
