using Akka.Actor;

namespace BundleCopier.Actors;

/// <summary>
/// Makes actors by a plain delegate: nothing for reflection to find, so trimming and Native AOT cannot break it.
/// </summary>
internal sealed class Produced<TActor>(Func<TActor> make) : IIndirectActorProducer
    where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public static Props By(Func<TActor> make) => Props.CreateBy(new Produced<TActor>(make));

    public ActorBase Produce() => make();

    public void Release(ActorBase actor)
    {
        // Nothing is pooled.
    }
}
