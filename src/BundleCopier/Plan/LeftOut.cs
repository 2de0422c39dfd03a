using System.Globalization;
using BundleCopier.Faults;
using BundleCopier.Settings;

namespace BundleCopier.Plan;

/// <summary>How many files that a pattern matches are left out, and why.</summary>
/// <param name="Untrusted">Files that are not trusted or cannot be looked at, beyond those that are named.</param>
/// <param name="BeyondFiles">Files beyond <c>source.max-files</c>.</param>
/// <param name="BeyondBytes">Files that do not fit into <c>source.max-bytes</c>.</param>
/// <param name="WithoutRoom">Files for which the receipt has no room, for example on a small disk.</param>
internal readonly record struct LeftOut(long Untrusted, long BeyondFiles, long BeyondBytes, long WithoutRoom = 0)
{
    public bool IsNothing => Untrusted + BeyondFiles + BeyondBytes + WithoutRoom == 0;

    /// <summary>The error of the one entry that stands for all of them.</summary>
    public Fault ToFault()
    {
        (long Count, string Why)[] causes =
        [
            (Untrusted, "more that other users may have put there or that cannot be looked at"),
            (BeyondFiles, $"beyond {SettingKeys.SourceMaxFiles}"),
            (BeyondBytes, $"beyond {SettingKeys.SourceMaxBytes}"),
            (WithoutRoom, "for which the receipt has no room"),
        ];
        return Fault.Of(FaultKind.SourcesLeftOut, string.Join(", ", causes.Where(static c => c.Count > 0)
            .Select(static c => $"{c.Count.ToString(CultureInfo.InvariantCulture)} {c.Why}")));
    }
}
