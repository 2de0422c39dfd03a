namespace BundleCopier.Input;

/// <summary>Suggests the right word for a mistyped one.</summary>
internal static class Nearest
{
    /// <summary>The candidate most similar to <paramref name="word"/>; null when none is similar enough.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        int allowed = MaxDistance(word);
        foreach (string candidate in candidates)
        {
            // The edit distance takes quadratic time, and the word comes from outside: compare the lengths first.
            if (Math.Abs(candidate.Length - word.Length) > allowed)
                continue;
            int distance = Distance(word, candidate);
            // Of equally similar candidates the first is taken, so that the answer depends only on the list.
            if (distance <= allowed && distance < candidate.Length)
            {
                best = candidate;
                allowed = distance - 1;
                if (allowed < 0)
                    break;
            }
        }
        return best;
    }

    /// <summary>The candidates that are similar, the most similar ones first, each once.</summary>
    /// <param name="word">The word.</param>
    /// <param name="candidates">What it may have meant.</param>
    /// <param name="maxCount">How many are wanted.</param>
    public static IReadOnlyList<string> Some(string word, IEnumerable<string> candidates, int maxCount)
    {
        List<(string Word, int Distance)> best = [];
        int maxDistance = MaxDistance(word);
        foreach (string candidate in candidates)
        {
            if (Math.Abs(candidate.Length - word.Length) > maxDistance || best.Exists(b => b.Word == candidate))
                continue;
            int distance = Distance(word, candidate);
            if (distance > maxDistance || distance >= candidate.Length)
                continue;
            int at = best.FindIndex(b => b.Distance > distance);
            best.Insert(at < 0 ? best.Count : at, (candidate, distance));
            if (best.Count <= maxCount)
                continue;
            best.RemoveAt(maxCount);
            maxDistance = Math.Min(maxDistance, best[^1].Distance);
        }

        return [.. best.Select(static b => b.Word)];
    }

    /// <summary>
    /// A sentence that tells how to correct a name: the most similar allowed one, or else all of them.
    /// </summary>
    public static string Mend(string word, IReadOnlyCollection<string> allowed) =>
        To(word, allowed) is string near
            ? $"Did you mean \"{near}\"?"
            : $"Allowed here: {string.Join(", ", allowed)}.";

    // The maximum number of typing errors. With more, the user probably meant another word.
    private static int MaxDistance(string word) => word.Length switch { <= 3 => 1, <= 6 => 2, _ => 3 };

    // The optimal string alignment distance: insert, delete, replace, and swap of two neighbours cost 1 each. Case is
    // ignored.
    private static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1];
        int[] last = new int[b.Length + 1];
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool same = Same(a[i - 1], b[j - 1]);
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            (beforeLast, last, row) = (last, row, beforeLast);
        }
        return last[b.Length];
    }

    private static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
}
