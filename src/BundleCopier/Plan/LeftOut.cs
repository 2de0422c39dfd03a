using System.Globalization;
using BundleCopier.Faults;
using BundleCopier.Settings;

namespace BundleCopier.Plan;

/// <summary>How many files that a pattern matches are left out, and why.</summary>
internal sealed class LeftOut
{
    /// <summary>Files that are not trusted or cannot be looked at, beyond those that are named.</summary>
    public long Untrusted { get; set; }

    /// <summary>Files beyond <c>source.max-files</c>.</summary>
    public long BeyondFiles { get; set; }

    /// <summary>Files that do not fit into <c>source.max-bytes</c>.</summary>
    public long BeyondBytes { get; set; }

    /// <summary>Files for which the receipt has no room on a small disk.</summary>
    public long WithoutRoom { get; set; }

    public bool IsNothing => Untrusted + BeyondFiles + BeyondBytes + WithoutRoom == 0;

    /// <summary>The error of the one entry that stands for all of them.</summary>
    public Fault ToFault()
    {
        (long Count, string Why)[] causes =
        [
            (Untrusted, "more that other users may have put there or that cannot be looked at"),
            (BeyondFiles, $"beyond {SettingKeys.SourceMaxFiles}"),
            (BeyondBytes, $"beyond {SettingKeys.SourceMaxBytes}"),
            (WithoutRoom, "for which the destination has no room in the receipt"),
        ];
        return Fault.Of(FaultKind.SourcesLeftOut, string.Join(", ", causes.Where(static c => c.Count > 0)
            .Select(static c => $"{c.Count.ToString(CultureInfo.InvariantCulture)} {c.Why}")));
    }
}
