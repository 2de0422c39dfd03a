using System.Collections.ObjectModel;
using System.Globalization;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Manifest;

/// <summary>The rules for a manifest's content, for manifests in JSON and for those of embedding programs.</summary>
internal static class ManifestRules
{
    public const string BundleMend =
        "Use letters, digits, dots, dashes and underscores, such as \"node17-20261122T201405Z\".";

    public const string DestinationMend = "Give the directory for the bundle, such as \"/var/crash\".";
    public const string FilesMend =
        "Give a list with at least one file, such as [ { \"source\": \"/dev/shm/engine.heap\" } ].";

    public const string SourceMend = "Give an absolute path, such as \"/dev/shm/engine.heap\".";
    public const string NameMend = "Use a relative path below files/, such as \"logs/engine.log\".";
    public const string OwnerMend = "Give the name of a user in /etc/passwd, such as \"engine\", or its number.";
    public const string RangesMend =
        "Give a list such as [ { \"offset\": 0, \"length\": 4096 } ], or leave it out to copy the whole file.";

    /// <summary>The manifest in normal form, or the first error.</summary>
    public static Parsed<BundleManifest> Check(
        string where,
        string bundle,
        string? destination,
        IReadOnlyDictionary<string, string>? labels,
        IReadOnlyList<ManifestFile> files,
        string? owner = null)
    {
        if (NameRules.BundleProblem(bundle) is string inBundle)
            return new InputError(where, "bundle", inBundle, BundleMend);
        if (destination is not null && DestinationProblem(destination) is string inDestination)
            return new InputError(where, "destination", inDestination, DestinationMend);
        if (labels is not null && LabelProblem(where, labels) is InputError inLabels)
            return inLabels;
        if (files.Count == 0)
            return new InputError(where, "files", "is empty", FilesMend);
        if (owner is not null && OwnerProblem(owner) is string inOwner)
            return new InputError(where, "owner", inOwner, OwnerMend);

        ManifestFile[] normal = new ManifestFile[files.Count];
        for (int i = 0; i < files.Count; i++)
        {
            Parsed<ManifestFile> file = CheckFile(where, $"files[{i}]", files[i]);
            if (!file.IsOk)
                return file.Error;
            normal[i] = file.Value;
        }
        if (ClashIn(normal, where) is InputError clash)
            return clash;
        SortedDictionary<string, string> sorted = new(labels?.ToDictionary() ?? [], StringComparer.Ordinal);
        return new BundleManifest(
            bundle, destination, new ReadOnlyDictionary<string, string>(sorted), Array.AsReadOnly(normal), owner)
        {
            Where = where,
        };
    }

    /// <summary>The number of a user that is given as a number; null for a name.</summary>
    public static uint? OwnerNumber(string owner) =>
        uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out uint uid) && uid != uint.MaxValue
            ? uid
            : null;

    // Whether there is such a user shows when the sources are listed.
    private static string? OwnerProblem(string owner) =>
        owner.Length == 0 ? "is empty"
        : OwnerNumber(owner) is null && (char.IsAsciiDigit(owner[0]) || owner[0] is '-' or '+')
            ? $"{Printable.Quoted(owner)} is not the number of a user"
        : owner.AsSpan().IndexOfAny(':', '\n', '\0') >= 0 ? $"{Printable.Quoted(owner)} is not the name of a user"
        : null;

    /// <summary>
    /// What is wrong with the text of a destination directory; null when nothing is. A relative path counts from the
    /// working directory.
    /// </summary>
    public static string? DestinationProblem(string destination)
    {
        if (destination.Length == 0)
            return "is empty";
        if (NameRules.TextProblem(destination) is string text)
            return text;
        return NameBytes.Count(destination) >= NameRules.MaxPathBytes
            ? $"is longer than {NameRules.MaxPathBytes - 1} bytes"
            : null;
    }

    private static Parsed<ManifestFile> CheckFile(string where, string path, ManifestFile file)
    {
        if (file.Stream is not null)
            return CheckStream(where, path, file);
        if (file.Process is not null)
            return MemoryRules.CheckProcess(where, path, file) is InputError inProcess ? inProcess : file;
        if (file.SysV is not null && MemoryRules.CheckSysV(where, path, file) is InputError inSegment)
            return inSegment;
        if (!NormalSource(file.Source).Try(out string? source, out string? inSource))
            return new InputError(where, $"{path}.source", inSource, SourceMend);
        ManifestFile normal = file with { Source = source };
        if (file.Name is not null)
        {
            if (normal.IsPattern && !file.Name.EndsWith('/'))
            {
                return new InputError(
                    where,
                    $"{path}.name",
                    $"must end with a slash for the pattern {Printable.Quoted(source)}: "
                        + "it is the directory of all matches",
                    "Write it with a slash at its end, or leave it out.");
            }

            string? inName = normal.IsPattern ? MemoryRules.PrefixProblem(file.Name[..^1])
                : NameRules.NameProblem(file.Name);
            if (inName is not null)
                return new InputError(where, $"{path}.name", inName, NameMend);
        }
        else if (!normal.IsPattern && NameRules.NameProblem(normal.LastComponent) is string inDefault)
        {
            return new InputError(
                where, $"{path}.source", $"gives no usable name: {inDefault}", "Give the file a \"name\".");
        }

        if (file.Exclude is not null && !normal.IsPattern)
        {
            return new InputError(
                where, $"{path}.exclude", "is only for a pattern or a process", "Leave it out: one file is named.");
        }

        if (MemoryRules.PatternProblem(where, $"{path}.exclude", file.Exclude) is InputError inExclude)
            return inExclude;
        if (file.Ranges is null)
            return normal;
        Parsed<IReadOnlyList<ByteRange>> ranges = CheckRanges(where, path, file.Ranges);
        return ranges.IsOk ? normal with { Ranges = ranges.Value } : ranges.Error;
    }

    // Its source is a text for people, and nothing is opened by it.
    private static Parsed<ManifestFile> CheckStream(string where, string path, ManifestFile file)
    {
        if (file.Source.Length == 0 || NameRules.TextProblem(file.Source) is not null)
            return new InputError(where, $"{path}.source", "is empty or no text", "Say what the stream is.");
        if (NameRules.NameProblem(file.Name ?? "") is string inName)
            return new InputError(where, $"{path}.name", inName, NameMend);
        return file.Ranges is null ? file : new InputError(
            where, $"{path}.ranges", "cannot be given for a stream, which is read in order", "Leave it out.");
    }

    // Scripts that join paths make double slashes and ".", which change nothing. ".." is refused, because a reader of
    // the manifest could not tell which file is meant. A path with a slash at its end is a directory.
    private static Result<string, string> NormalSource(string source)
    {
        if (source.Length == 0)
            return Wrong("is empty");
        if (source[0] != '/')
            return Wrong($"{Printable.Quoted(source)} is not an absolute path");
        if (NameRules.TextProblem(source) is string text)
            return Wrong(text);
        if (NameBytes.Count(source) >= NameRules.MaxPathBytes)
            return Wrong($"is longer than {NameRules.MaxPathBytes - 1} bytes");
        string[] components = PathText.Components(source);
        if (Array.Exists(components, static c => c == ".."))
            return Wrong("\"..\" is not allowed in a path");
        if (components[^1] is "" or ".")
            return Wrong($"{Printable.Quoted(source)} is a directory; only files are copied");
        return Result<string, string>.Ok("/" + string.Join('/', components.Where(static c => c is not ("" or "."))));

        static Result<string, string> Wrong(string problem) => Result<string, string>.Failed(problem);
    }

    // Ranges may come in any order and may overlap (a crash handler walks a table, two regions share a page), so they
    // are sorted and merged, not refused.
    private static Parsed<IReadOnlyList<ByteRange>> CheckRanges(
        string where, string path, IReadOnlyList<ByteRange> ranges)
    {
        if (ranges.Count == 0)
            return new InputError(where, $"{path}.ranges", "is empty, so nothing would be copied", RangesMend);
        for (int i = 0; i < ranges.Count; i++)
        {
            if (RangeProblem(where, $"{path}.ranges[{i}]", ranges[i]) is InputError problem)
                return problem;
        }

        List<ByteRange> merged = [];
        foreach (ByteRange range in ranges.OrderBy(static r => r.Offset))
        {
            if (merged.Count > 0 && range.Offset <= merged[^1].End)
                merged[^1] = merged[^1] with { Length = Math.Max(merged[^1].End, range.End) - merged[^1].Offset };
            else
                merged.Add(range);
        }

        if (merged.Count > BundleLimits.MaxRanges)
        {
            return new InputError(
                where,
                $"{path}.ranges",
                $"has {merged.Count} ranges that do not touch, at most {BundleLimits.MaxRanges} are allowed",
                "Join ranges that are near to each other.");
        }

        return merged.AsReadOnly();
    }

    private static InputError? LabelProblem(string where, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count > BundleLimits.MaxLabels)
        {
            return new InputError(
                where, "labels", $"has more than {BundleLimits.MaxLabels} labels", "Copy them as a file.");
        }

        foreach ((string key, string value) in labels)
        {
            int length = Math.Max(key.Length, value.Length);
            if (length > BundleLimits.MaxLabelLength)
            {
                return new InputError(
                    where,
                    JsonPlace.Append("labels", key),
                    $"is {length} characters long, at most {BundleLimits.MaxLabelLength} are allowed",
                    "Copy it as a file.");
            }
        }

        return null;
    }

    private static InputError? RangeProblem(string where, string path, ByteRange range)
    {
        if (range.Offset < 0)
        {
            return new InputError(
                where, $"{path}.offset", $"is {range.Offset}", "Count from 0, the first byte of the file.");
        }

        if (range.Length <= 0)
        {
            return new InputError(
                where, $"{path}.length", $"is {range.Length}", "Give at least 1 byte, or leave the range out.");
        }

        return range.Length <= long.MaxValue - range.Offset ? null : new InputError(
            where,
            $"{path}.length",
            $"is {range.Length}, which from offset {range.Offset} goes beyond the largest possible file",
            $"Offset and length together may not exceed {long.MaxValue}.");
    }

    private static InputError? ClashIn(ManifestFile[] files, string where)
    {
        // The matches of patterns are not known yet; SourceListing checks their names.
        IEnumerable<NamedEntry> named = files.Index()
            .Where(static f => !f.Item.IsPattern)
            .Select(static f => new NamedEntry(f.Item.Name ?? f.Item.LastComponent, $"files[{f.Index}]", f.Index));
        NameClash? clash = NameSet.Of(named).Clash;
        if (clash is null)
            return null;
        (NamedEntry earlier, NamedEntry later) =
            clash.First.Index < clash.Second.Index ? (clash.First, clash.Second) : (clash.Second, clash.First);
        string ownField = files[later.Index] is { Name: not null } ? "name"
            : files[later.Index].SysV is null ? "source" : "sysv";
        string field = $"{later.Claimant}.{ownField}";
        string other = $"{earlier.Claimant} ({Printable.Quoted(files[earlier.Index].Source)})";
        string name = Printable.Quoted(clash.First.Name);
        string problem = clash.IsDirectory
            ? $"{name} would have to be both a file and the directory of {Printable.Quoted(clash.Second.Name)}; "
                + $"the other is {other}"
            : $"{name} is already the name of {other}";
        return new InputError(where, field, problem, "Give one of the two another \"name\".");
    }
}
