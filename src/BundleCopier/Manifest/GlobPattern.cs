using System.Text;

namespace BundleCopier.Manifest;

/// <summary>
/// Matches file names as glob(7) does: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[a-z]</c>, <c>[!abc]</c>, classes such as
/// <c>[[:digit:]]</c>, and a backslash before a character that shall stand for itself. A leading dot has to be
/// written. A <c>[</c> that is never closed stands for itself.
/// </summary>
internal sealed class GlobPattern
{
    private readonly List<GlobToken> tokens;

    private GlobPattern(List<GlobToken> tokens) => this.tokens = tokens;

    /// <summary>
    /// True when the component holds a wildcard, or an escaped one; otherwise it is a plain name, backslashes
    /// included.
    /// </summary>
    public static bool IsPattern(string component)
    {
        // Most names hold none of these, and then nothing needs to be parsed.
        if (component.AsSpan().IndexOfAny('*', '?', '[') < 0)
            return false;
        return GlobToken.ParseAll(component).Exists(static t => t.Kind != GlobKind.Literal || t.WasEscapedWildcard);
    }

    /// <summary>Every text is a pattern; there is nothing to fail.</summary>
    public static GlobPattern Parse(string component) => new(GlobToken.ParseAll(component));

    /// <summary>True when the whole name matches.</summary>
    public bool IsMatch(string name)
    {
        // Users do not mean hidden files by "*"; a wildcard or a set at the start never matches a dot.
        if (name.StartsWith('.') && (tokens.Count == 0 || !tokens[0].IsLiteralDot))
            return false;

        // Only the last star ever has to be tried again: an earlier one has already matched as little as it can. That
        // bounds the work by pattern length times name length, where trying every star would be exponential.
        int token = 0, at = 0, starToken = -1, starAt = 0;
        while (at < name.Length)
        {
            Rune.DecodeFromUtf16(name.AsSpan(at), out Rune rune, out int width);
            if (token < tokens.Count && tokens[token].Kind == GlobKind.Star)
            {
                starToken = token++;
                starAt = at;
            }
            else if (token < tokens.Count && tokens[token].Matches(rune))
            {
                token++;
                at += width;
            }
            else if (starToken >= 0)
            {
                Rune.DecodeFromUtf16(name.AsSpan(starAt), out _, out int starWidth);
                starAt += starWidth;
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
