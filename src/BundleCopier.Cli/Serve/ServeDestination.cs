using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Write;

namespace BundleCopier.Cli.Serve;

/// <summary>Looks whether the directory that gets the bundles can be used, before the first crash needs it.</summary>
internal static class ServeDestination
{
    /// <summary>
    /// Why each copy would be refused; null where it would not. A full disk is no reason: a later copy removes old
    /// bundles where the settings say so.
    /// </summary>
    public static Refusal? Problem(ServeConfig config)
    {
        BundlePlace place = new(
            config.Server.Destination!,
            FreeName.Random("serve"),
            config.Copy.WriterIo,
            ReceiptBytes: Alignment.Bytes,
            ShortReceiptBytes: Alignment.Bytes,
            Block: 0,
            MustBePrivate: config.Copy.DestinationPrivacy == DestinationPrivacy.Require,
            TrustsAny: config.Copy.DestinationTrust == DestinationTrust.Any);
        Result<DestinationFacts, Refusal> found = DestinationCheck.Run(LinuxKernel.Instance, place);
        return found.Try(out _, out Refusal? refusal) || refusal.Kind == RefusalKind.DestinationFull ? null : refusal;
    }
}
