using System.Globalization;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Settings;

namespace BundleCopier.Plan;

/// <summary>
/// Which files a pattern may find: those that no hostile user can have put there (docs/manifest.md has the rule). A
/// file that the manifest names by its path needs no trust.
/// </summary>
/// <param name="trust">The setting.</param>
/// <param name="kernel">Knows the user that copies.</param>
/// <param name="owner">The manifest's owner; null for none.</param>
internal sealed class TrustRule(SourceTrust trust, IKernel kernel, uint? owner)
{
    private const uint Root = 0;

    /// <summary>All files are copied.</summary>
    public bool TrustsAll => trust == SourceTrust.Any;

    /// <summary>The rule of a manifest, or the error that its owner is not a user.</summary>
    public static Parsed<TrustRule> Of(BundleManifest manifest, SourceTrust trust, IKernel kernel)
    {
        if (manifest.Owner is not { } name)
            return new TrustRule(trust, kernel, null);
        if (ManifestRules.OwnerNumber(name) is { } uid)
            return new TrustRule(trust, kernel, uid);
        IoResult found = kernel.FindUser(name);
        return found.IsOk
            ? new TrustRule(trust, kernel, (uint)found.Value)
            : new InputError(
                manifest.Where,
                "owner",
                $"{Printable.Quoted(name)} is no user of /etc/passwd",
                ManifestRules.OwnerMend);
    }

    /// <summary>Why a file that a pattern has found is not copied; null where it is.</summary>
    public Fault? FaultOf(in FileStat status) => TrustsAll ? null : Doubt(status);

    /// <summary>Why another user may have put the file there, whatever the setting is; null where none can.</summary>
    public Fault? Doubt(in FileStat status)
    {
        // A FUSE server can claim any owner. This user's and root's are not named in the status.
        if (status.Server is { } server && server != owner)
            return Untrusted($"{FuseOwner.InWords(server)} has mounted its filesystem (FUSE)");
        if (status.Server is null && status.Uid != Root && status.Uid != owner && status.Uid != kernel.UserId)
            return Untrusted($"it belongs to the user {status.Uid.ToString(CultureInfo.InvariantCulture)}");
        return status.IsFile && status.Links > 1
            ? Untrusted($"it has {status.Links.ToString(CultureInfo.InvariantCulture)} names (hard links)")
            : null;
    }

    private static Fault Untrusted(string why) => Fault.Of(FaultKind.SourceUntrusted, why);
}
