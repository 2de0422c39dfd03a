using BundleCopier.Model;

namespace BundleCopier.Manifest;

/// <summary>
/// Matches file names as glob(7) does: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[a-z]</c>, <c>[!abc]</c>, classes such as
/// <c>[[:digit:]]</c>. A backslash takes the special meaning from the character after it. A leading dot must be
/// written. A <c>[</c> that is never closed is an ordinary character. A byte that is not UTF-8 counts as one character.
/// </summary>
internal sealed class GlobPattern
{
    private readonly List<GlobToken> tokens;

    private GlobPattern(List<GlobToken> tokens) => this.tokens = tokens;

    /// <summary>
    /// True when the component has a wildcard, or an escaped one. Otherwise it is a plain name, with its backslashes.
    /// </summary>
    public static bool IsPattern(string component)
    {
        // Most names have none of these, and need no parsing.
        if (component.AsSpan().IndexOfAny('*', '?', '[') < 0)
            return false;
        return GlobToken.ParseAll(component).Exists(static t => t.Kind != GlobKind.Literal || t.WasEscapedWildcard);
    }

    /// <summary>Parses a pattern. Every text is a valid one.</summary>
    public static GlobPattern Parse(string component) => new(GlobToken.ParseAll(component));

    /// <summary>True when the whole name matches.</summary>
    public bool IsMatch(string name)
    {
        // A wildcard or a set at the start never matches a dot: "*" does not mean hidden files.
        if (name.StartsWith('.') && (tokens.Count == 0 || !tokens[0].IsLiteralDot))
            return false;

        // On a mismatch only the last star has to match more: an earlier star already matches as little as it can. So
        // the work is at most pattern length times name length; trying every star would be exponential.
        int token = 0, at = 0, starToken = -1, starAt = 0;
        while (at < name.Length)
        {
            int next = at;
            int character = NameBytes.Next(name, ref next);
            if (token < tokens.Count && tokens[token].Kind == GlobKind.Star)
            {
                starToken = token++;
                starAt = at;
            }
            else if (token < tokens.Count && tokens[token].Matches(character))
            {
                token++;
                at = next;
            }
            else if (starToken >= 0)
            {
                _ = NameBytes.Next(name, ref starAt);
                token = starToken + 1;
                at = starAt;
            }
            else
            {
                return false;
            }
        }
        while (token < tokens.Count && tokens[token].Kind == GlobKind.Star)
            token++;
        return token == tokens.Count;
    }
}
