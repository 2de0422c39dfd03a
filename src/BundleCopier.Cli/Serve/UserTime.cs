namespace BundleCopier.Cli.Serve;

/// <summary>
/// How long the server has copied for each user. A user whose cores are large, or come slowly, would keep it from the
/// crashes of others. Synchronous; only the server's actor uses it.
/// </summary>
internal sealed class UserTime
{
    // The user who was served longest ago is forgotten.
    public const int MaxUsers = 1024;

    private readonly Dictionary<uint, Queue<(long EndedMs, long TookMs)>> copies = [];

    /// <summary>A copy of a user's crash is over.</summary>
    public void Add(uint user, long tookMs, long nowMs)
    {
        if (!copies.TryGetValue(user, out Queue<(long EndedMs, long TookMs)>? own))
        {
            if (copies.Count >= MaxUsers)
                copies.Remove(copies.MinBy(static c => c.Value.Last().EndedMs).Key);
            copies[user] = own = [];
        }

        own.Enqueue((nowMs, tookMs));
    }

    /// <summary>What is left of a user's time; zero or less for nothing.</summary>
    /// <param name="user">The user.</param>
    /// <param name="max">The most time.</param>
    /// <param name="window">Within this time.</param>
    /// <param name="nowMs">Now, on the monotonic clock.</param>
    public TimeSpan Left(uint user, TimeSpan max, TimeSpan window, long nowMs)
    {
        if (!copies.TryGetValue(user, out Queue<(long EndedMs, long TookMs)>? own))
            return max;
        long sinceMs = nowMs - (long)window.TotalMilliseconds;
        while (own.TryPeek(out (long EndedMs, long TookMs) oldest) && oldest.EndedMs <= sinceMs)
            own.Dequeue();
        if (own.Count == 0)
            copies.Remove(user);
        return max - TimeSpan.FromMilliseconds(own.Sum(static c => c.TookMs));
    }
}
