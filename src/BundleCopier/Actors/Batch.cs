using Akka.Actor;

namespace BundleCopier.Actors;

/// <summary>
/// Orders, or answers to them, in one message: where files are small, most of the time goes into waking up the
/// receiver. Each order in it is worked on in its turn, as if it had come alone.
/// </summary>
/// <param name="Messages">At least two.</param>
internal sealed record Batch(object[] Messages) : INoSerializationVerificationNeeded
{
    /// <summary>Works on one order, or on all of a batch, and answers in kind.</summary>
    public static object? Answer(object order, Func<object, object?> work) => order is Batch batch
        ? new Batch(
            Array.ConvertAll(
            batch.Messages, one => work(one) ?? throw new InvalidOperationException("An order has no answer.")))
        : work(order);
}
