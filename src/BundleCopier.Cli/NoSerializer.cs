using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace BundleCopier.Cli;

/// <summary>
/// Stands in the place of Akka's serializers. All actors of the program are in one process, so no message becomes
/// bytes. Akka makes its serializers when it starts, and its JSON serializer brings Newtonsoft.Json with all that this
/// library uses: a third of the native program (docs/decisions/0037-smaller-native-program.md).
/// </summary>
/// <param name="system">The actor system.</param>
internal sealed class NoSerializer(ExtendedActorSystem system) : Serializer(system)
{
    // Akka looks for this constructor where the serializer has settings, as the one for JSON has.
    public NoSerializer(ExtendedActorSystem system, Config _)
        : this(system)
    {
    }

    /// <summary>A number that no serializer of Akka has.</summary>
    public override int Identifier => 7_000;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw Unused();

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => throw Unused();

    private static NotSupportedException Unused() => new("All actors are in one process: no message is serialized.");
}
