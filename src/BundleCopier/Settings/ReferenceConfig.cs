using System.Diagnostics.CodeAnalysis;
using Akka.Configuration;

namespace BundleCopier.Settings;

/// <summary>The defaults that are built into the program.</summary>
public static class ReferenceConfig
{
    /// <summary>The path of the dispatcher for actors that block in system calls, as Akka looks it up.</summary>
    internal const string IoDispatcherPath = $"{SettingKeys.Section}.{SettingKeys.IoDispatcher}";

    /// <summary>
    /// The dispatcher's type as bundle.hocon named it before it moved; files that still say so go on to work.
    /// </summary>
    internal const string OldDispatcherType = "BundleCopier.Supervise.OwnThreadDispatcherConfigurator, BundleCopier";

    private static readonly Lazy<Config> Parsed = new(static () => ConfigurationFactory.ParseString(Text));

    /// <summary>
    /// The defaults; an actor system that runs the engine needs them as a fallback of its own configuration.
    /// </summary>
    public static Config Value
    {
        // Akka makes the dispatcher by the name of its type, which a trimmed program would have lost.
        [DynamicDependency(
            DynamicallyAccessedMemberTypes.PublicConstructors, "BundleCopier.Actors.OwnThreadDispatcherConfigurator", "BundleCopier")]
        get => Parsed.Value;
    }

    /// <summary>The file as it was written, comments included.</summary>
    internal static string Text
    {
        get
        {
            using Stream stream = typeof(ReferenceConfig).Assembly.GetManifestResourceStream("BundleCopier.reference.conf")!;
            using StreamReader reader = new(stream);
            return reader.ReadToEnd();
        }
    }
}
