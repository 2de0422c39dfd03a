using System.Diagnostics.CodeAnalysis;
using Akka.Configuration;

namespace BundleCopier.Settings;

/// <summary>The default settings, which are built into the assembly (config/reference.conf).</summary>
public static class ReferenceConfig
{
    /// <summary>Akka's path of the dispatcher for actors that block in system calls.</summary>
    internal const string IoDispatcherPath = $"{SettingKeys.Section}.{SettingKeys.IoDispatcher}";

    /// <summary>The old type of the dispatcher, which earlier versions of bundle.hocon name. It still works.</summary>
    internal const string OldDispatcherType = "BundleCopier.Supervise.OwnThreadDispatcherConfigurator, BundleCopier";

    private static readonly Lazy<Config> Parsed = new(static () => ConfigurationFactory.ParseString(Text));

    /// <summary>
    /// The defaults. An actor system that runs the engine needs them as a fallback of its own configuration.
    /// </summary>
    public static Config Value
    {
        // Akka makes the dispatcher by the name of its type; without this line the trimmer would remove the type.
        [DynamicDependency(
            DynamicallyAccessedMemberTypes.PublicConstructors,
            "BundleCopier.Actors.OwnThreadDispatcherConfigurator",
            "BundleCopier")]
        get => Parsed.Value;
    }

    /// <summary>The text of config/reference.conf, with its comments.</summary>
    internal static string Text
    {
        get
        {
            using Stream stream =
                typeof(ReferenceConfig).Assembly.GetManifestResourceStream("BundleCopier.reference.conf")!;
            using StreamReader reader = new(stream);
            return reader.ReadToEnd();
        }
    }
}
