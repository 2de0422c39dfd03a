namespace BundleCopier.Actors;

/// <summary>
/// Puts actors that work hand in hand on one thread: they need not wake each other up, and neighbours only see one who wants a processor.
/// Where another dispatcher was chosen, this changes nothing.
/// </summary>
internal sealed class SharedThread
{
    // Akka looks up an actor's dispatcher on the thread that makes the actor.
    [ThreadStatic]
    private static SharedThread? open;

    private OwnThreadDispatcher? dispatcher;

    /// <summary>Makes an actor that belongs to this thread.</summary>
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
    /// <param name="make">Makes one, of the thread that is shared or of its own.</param>
    public static OwnThreadDispatcher TakeOr(Func<bool, OwnThreadDispatcher> make) =>
        open is { } shared ? shared.dispatcher ??= make(true) : make(false);
}
