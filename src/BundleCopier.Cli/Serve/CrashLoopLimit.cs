namespace BundleCopier.Cli.Serve;

/// <summary>
/// A program that crashes again and again would fill the disk and keep all other crashes waiting. The first crashes of
/// one program within a time are kept, the others are refused at once. A second limit counts the crashes of users in
/// the same way. Synchronous; only the server's actor uses it.
/// </summary>
internal sealed class CrashLoopLimit
{
    // A user can give a program any number of names. The one that was quiet for longest is forgotten.
    public const int MaxPrograms = 1024;

    private readonly Dictionary<string, Queue<long>> kept = new(StringComparer.Ordinal);

    /// <summary>Whether a crash is kept; it counts if it is.</summary>
    /// <param name="program">The program and its unit, or the user.</param>
    /// <param name="maxCrashes">The most crashes that are kept.</param>
    /// <param name="window">Within this time.</param>
    /// <param name="nowMs">Now, on the monotonic clock.</param>
    public bool Admits(string program, int maxCrashes, TimeSpan window, long nowMs)
    {
        long sinceMs = nowMs - (long)window.TotalMilliseconds;
        if (!kept.TryGetValue(program, out Queue<long>? times))
        {
            Forget(sinceMs);
            kept[program] = times = new Queue<long>();
        }

        while (times.TryPeek(out long oldestMs) && oldestMs <= sinceMs)
            times.Dequeue();
        if (times.Count >= maxCrashes)
            return false;
        times.Enqueue(nowMs);
        return true;
    }

    private void Forget(long sinceMs)
    {
        if (kept.Count < MaxPrograms)
            return;
        string[] quiet = [.. kept.Where(p => p.Value.All(ms => ms <= sinceMs)).Select(static p => p.Key)];
        foreach (string program in quiet)
            kept.Remove(program);
        while (kept.Count >= MaxPrograms)
            kept.Remove(kept.MinBy(static p => p.Value.LastOrDefault()).Key);
    }
}
