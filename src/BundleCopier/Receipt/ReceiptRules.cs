using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>The rules that a receipt must meet before anything is read or restored with it.</summary>
internal static class ReceiptRules
{
    /// <summary>The first field outside of the files that cannot be right, and why; null when all can.</summary>
    public static (string Field, string Problem)? HeaderProblem(BundleReceipt receipt)
    {
        if (receipt.Version != BundleReceipt.CurrentVersion)
            return UnknownVersion(receipt.Version);
        if (NameRules.BundleProblem(receipt.Bundle) is string inBundle)
            return ("bundle", inBundle);
        if (receipt.WantedBundle is { } wanted && NameRules.BundleProblem(wanted) is string inWanted)
            return ("wantedBundle", inWanted);
        foreach ((string key, string value) in receipt.Labels)
        {
            if (value is null)
                return (JsonPlace.Append("labels", key), "is null");
        }

        for (int i = 0; i < receipt.Facts?.Count; i++)
        {
            if (receipt.Facts[i] is null)
                return ($"facts[{i}]", "is null");
            if (receipt.Facts[i].Problem() is (string inFact, string problem))
                return ($"facts[{i}].{inFact}", problem);
        }

        for (int i = 0; i < receipt.Missing?.Count; i++)
        {
            ReceiptMissing? missing = receipt.Missing[i];
            if (missing is null)
                return ($"missing[{i}]", "is null");
            if (missing.Files < 0)
                return ($"missing[{i}].files", $"is {missing.Files}");
            if (missing.Bytes < 0)
                return ($"missing[{i}].bytes", $"is {missing.Bytes}");
        }

        return ResourceProblem(receipt.Resources) ?? BystanderRules.Problem(receipt.Bystanders);
    }

    /// <summary>The problem of a version that this program does not know.</summary>
    public static (string Field, string Problem) UnknownVersion(int version) =>
        ("version", $"is {version}, which this program does not know");

    /// <summary>The first field of a file that cannot be right, and why; null when all can.</summary>
    public static (string Field, string Problem)? FileProblem(ReceiptFile file)
    {
        if (file.SizeBytes < 0)
            return ("size", $"is {file.SizeBytes}");
        if (file.DataBytes < 0)
            return ("dataBytes", $"is {file.DataBytes}");
        if (file.WrittenBytes < 0)
            return ("writtenBytes", $"is {file.WrittenBytes}");
        if (file.SourceMetadata?.ModifiedNs is < 0 or > 999_999_999)
            return ("sourceMetadata.modifiedNs", $"is {file.SourceMetadata.ModifiedNs}");
        return RangesProblem(file) ?? OutputProblem(file) ?? ChecksumProblem(file.Checksum) ?? SegmentsProblem(file)
            ?? MappingsProblem(file);
    }

    private static (string Field, string Problem)? MappingsProblem(ReceiptFile file)
    {
        for (int i = 0; i < file.Process?.Count; i++)
        {
            if (file.Process[i] is null)
                return ($"process[{i}]", "is null");
        }

        return file.MoreMappings < 0 ? ("moreMappings", $"is {file.MoreMappings}") : null;
    }

    private static (string Field, string Problem)? RangesProblem(ReceiptFile file)
    {
        long from = 0;
        for (int i = 0; i < file.Ranges.Count; i++)
        {
            ByteRange range = file.Ranges[i];
            if (range.Offset < from)
            {
                return (
                    $"ranges[{i}].offset",
                    $"is {range.Offset}, which is negative or before the end of the range before it");
            }

            if (range.Length <= 0)
                return ($"ranges[{i}].length", $"is {range.Length}");
            if (range.Length > file.SizeBytes - range.Offset)
            {
                return (
                    $"ranges[{i}].length",
                    $"is {range.Length}, which from offset {range.Offset} goes beyond the file's size of "
                        + file.SizeBytes);
            }

            from = range.End;
        }

        return null;
    }

    private static (string Field, string Problem)? OutputProblem(ReceiptFile file)
    {
        bool isThere = file.Status is FileStatus.Copied or FileStatus.Partial;
        string status = file.Status.ToString().ToLowerInvariant();
        if (file.Output is null)
            return isThere ? ("output", $"is missing though the file is {status}") : null;
        if (!isThere)
            return ("output", $"is given though the file is {status}");
        if (NameRules.OutputProblem(file.Output) is string problem)
            return ("output", problem);
        bool isCompressed = file.Compression == OutputCompression.Lz4;
        if (file.Output == BundleNames.FilesPrefix + BundleNames.Output(file.Name, isCompressed))
            return null;
        string name = Printable.Quoted(file.Name);
        return ("output", $"{Printable.Quoted(file.Output)} is not the output of a file with the name {name}");
    }

    private static (string Field, string Problem)? ChecksumProblem(string? checksum)
    {
        if (checksum is null)
            return null;
        int colon = checksum.IndexOf(':');
        bool isValid = colon > 0
            && colon + 1 < checksum.Length
            && !checksum.AsSpan(colon + 1).ContainsAnyExcept("0123456789abcdef");
        return isValid ? null : ("checksum", $"{Printable.Quoted(checksum)} is not algorithm:hex");
    }

    private static (string Field, string Problem)? SegmentsProblem(ReceiptFile file)
    {
        const string field = "segmentChecksumsOffset";
        if (file.SegmentChecksumsOffset is not { } offset)
            return null;
        if (file.Checksum is null || file.Output is null || file.Compression != OutputCompression.None)
            return (field, "is given though the file is not raw, or has no checksum");
        return offset >= 0 && Alignment.IsAligned(offset)
            ? null
            : (field, $"is {offset}, which is negative or no multiple of {Alignment.Bytes}");
    }

    private static (string Field, string Problem)? ResourceProblem(ReceiptResources resources)
    {
        if (resources.BudgetBytes < 0)
            return ("resources.budgetBytes", $"is {resources.BudgetBytes}");
        if (resources.PeakInFlightBytes < 0)
            return ("resources.peakInFlightBytes", $"is {resources.PeakInFlightBytes}");
        if (resources.PeakRssBytes < 0)
            return ("resources.peakRssBytes", $"is {resources.PeakRssBytes}");
        if (resources.DestinationCachedBytes < 0)
            return ("resources.destinationCachedBytes", $"is {resources.DestinationCachedBytes}");
        if (resources.MajorFaults < 0)
            return ("resources.majorFaults", $"is {resources.MajorFaults}");
        if (resources.Phases is { } phases)
        {
            if (phases.ListingMs < 0)
                return ("resources.phases.listingMs", $"is {phases.ListingMs}");
            if (phases.PreparingMs < 0)
                return ("resources.phases.preparingMs", $"is {phases.PreparingMs}");
            if (phases.CopyingMs < 0)
                return ("resources.phases.copyingMs", $"is {phases.CopyingMs}");
        }

        for (int i = 0; i < resources.Timeline?.Count; i++)
        {
            if (resources.Timeline[i] is null)
                return ($"resources.timeline[{i}]", "is null");
            if (resources.Timeline[i].Problem() is (string inSample, string problem))
                return ($"resources.timeline[{i}].{inSample}", problem);
        }

        // 1e999 is valid JSON, and is parsed as infinity.
        return resources.Seconds < 0 || !double.IsFinite(resources.Seconds)
            ? ("resources.seconds", $"is {resources.Seconds}")
            : null;
    }
}
