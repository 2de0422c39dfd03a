using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Manifest;

/// <summary>The characters between brackets: single characters, spans and ASCII classes, or all but these.</summary>
internal sealed class GlobSet
{
    private readonly bool negated;
    private readonly List<(int Low, int High)> spans;

    private GlobSet(bool negated, List<(int Low, int High)> spans)
    {
        this.negated = negated;
        this.spans = spans;
    }

    public bool Contains(int character)
    {
        foreach ((int low, int high) in spans)
        {
            if (character >= low && character <= high)
                return !negated;
        }
        return negated;
    }

    /// <summary>
    /// Reads the set that opens at <paramref name="open"/>. False when it has no closing bracket; then the opening
    /// bracket is an ordinary character.
    /// </summary>
    public static bool TryParse(int[] pattern, int open, [NotNullWhen(true)] out GlobSet? set, out int close)
    {
        List<(int Low, int High)> spans = [];
        int i = open + 1;
        bool negated = i < pattern.Length && pattern[i] is '!' or '^';
        if (negated)
            i++;
        // A closing bracket in the first place is one of the characters: "[]]".
        for (bool first = true; i < pattern.Length; first = false)
        {
            if (pattern[i] == ']' && !first)
            {
                set = new GlobSet(negated, spans);
                close = i;
                return true;
            }
            if (TryClass(pattern, ref i, spans) || !TryCharacter(pattern, ref i, out int low))
                continue;
            int high = low;
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                i++;
                if (!TryCharacter(pattern, ref i, out high))
                    break;
            }
            // A span that runs backwards matches nothing, as in glob(7).
            spans.Add((low, high));
        }
        set = null;
        close = -1;
        return false;
    }

    private static bool TryCharacter(int[] pattern, ref int i, out int value)
    {
        if (pattern[i] == '\\')
            i++;
        value = i < pattern.Length ? pattern[i] : -1;
        return i++ < pattern.Length;
    }

    private static bool TryClass(int[] pattern, ref int i, List<(int Low, int High)> spans)
    {
        if (pattern[i] != '[' || i + 1 >= pattern.Length || pattern[i + 1] != ':')
            return false;
        int end = i + 2;
        while (end < pattern.Length && pattern[end] is >= 'a' and <= 'z')
            end++;
        if (end + 1 >= pattern.Length || pattern[end] != ':' || pattern[end + 1] != ']')
            return false;
        string name = string.Concat(pattern[(i + 2)..end].Select(static c => (char)c));
        spans.AddRange(Class(name));
        i = end + 2;
        return true;
    }

    // The classes of the C locale, so that a pattern means the same on every machine. An unknown class matches nothing.
    private static (int Low, int High)[] Class(string name) => name switch
    {
        "digit" => [('0', '9')],
        "lower" => [('a', 'z')],
        "upper" => [('A', 'Z')],
        "alpha" => [('a', 'z'), ('A', 'Z')],
        "alnum" => [('a', 'z'), ('A', 'Z'), ('0', '9')],
        "xdigit" => [('0', '9'), ('a', 'f'), ('A', 'F')],
        "blank" => [(' ', ' '), ('\t', '\t')],
        "space" => [(' ', ' '), ('\t', '\r')],
        "cntrl" => [(0, 31), (127, 127)],
        "print" => [(' ', '~')],
        "graph" => [('!', '~')],
        "punct" => [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        _ => [],
    };
}
