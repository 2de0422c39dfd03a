namespace BundleCopier.Tests.Manifest;

/// <summary>A direct and slow implementation of glob(7): tries every length for every star.</summary>
internal static class NaiveGlob
{
    public static bool IsMatch(string pattern, string name)
    {
        if (name.StartsWith('.') && !pattern.StartsWith('.') && !pattern.StartsWith("\\.", StringComparison.Ordinal))
            return false;
        return Match(pattern, name);
    }

    private static bool Match(string pattern, string name)
    {
        if (pattern.Length == 0)
            return name.Length == 0;
        if (pattern[0] == '*')
            return Enumerable.Range(0, name.Length + 1).Any(skipped => Match(pattern[1..], name[skipped..]));
        if (name.Length == 0)
            return false;
        if (pattern[0] == '?')
            return Match(pattern[1..], name[1..]);
        if (pattern[0] == '[' && End(pattern) is int end)
            return InSet(pattern[1..end], name[0]) && Match(pattern[(end + 1)..], name[1..]);
        string literal = pattern[0] == '\\' && pattern.Length > 1 ? pattern[1..] : pattern;
        return literal[0] == name[0] && Match(literal[1..], name[1..]);
    }

    private static int? End(string pattern)
    {
        int i = pattern.Length > 1 && pattern[1] == '!' ? 2 : 1;
        for (bool first = true; i < pattern.Length; first = false)
        {
            if (pattern[i] == ']' && !first)
                return i;
            i += pattern[i] == '\\' ? 2 : 1;
        }
        return null;
    }

    private static bool InSet(string set, char c)
    {
        bool negated = set.StartsWith('!');
        List<(char Value, bool Escaped)> characters = [];
        for (int i = negated ? 1 : 0; i < set.Length; i++)
            characters.Add(set[i] == '\\' && i + 1 < set.Length ? (set[++i], true) : (set[i], false));
        bool found = false;
        for (int i = 0; i < characters.Count; i++)
        {
            bool isSpan = i + 2 < characters.Count && characters[i + 1] == ('-', false);
            char high = isSpan ? characters[i + 2].Value : characters[i].Value;
            found |= c >= characters[i].Value && c <= high;
            i += isSpan ? 2 : 0;
        }
        return found != negated;
    }
}
