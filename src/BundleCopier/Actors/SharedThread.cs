using Akka.Dispatch;

namespace BundleCopier.Actors;

/// <summary>
/// Puts actors that hand work to each other on one thread: no thread has to be woken for it, and neighbours meet one
/// thread that wants a processor instead of two. With a dispatcher of another type this changes nothing.
/// </summary>
internal sealed class SharedThread
{
    // Akka asks for an actor's dispatcher on the thread that makes the actor.
    [ThreadStatic]
    private static SharedThread? open;

    private MessageDispatcher? dispatcher;

    /// <summary>Makes an actor that lives on this thread.</summary>
    public TRef For<TRef>(Func<TRef> make)
    {
        open = this;
        try
        {
            return make();
        }
        finally
        {
            open = null;
        }
    }

    /// <summary>The dispatcher of an actor that is being made.</summary>
    /// <param name="make">
    /// Makes one: for the shared thread, if there is one and it has none yet, or for the actor alone.
    /// </param>
    public static MessageDispatcher TakeOr(Func<MessageDispatcher> make) =>
        open is { } shared ? shared.dispatcher ??= make() : make();
}
