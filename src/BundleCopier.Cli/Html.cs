using System.Globalization;
using System.Net;
using System.Text;

namespace BundleCopier.Cli;

/// <summary>
/// Builds HTML and SVG. Every text and every attribute is escaped here, so that nothing that a receipt holds becomes a
/// part of the page.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder page = new();

    /// <summary>Opens an element.</summary>
    /// <param name="name">Its name; of our own.</param>
    /// <param name="attributes">Its attributes.</param>
    public Html Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        page.Append('<').Append(name);
        foreach ((string attribute, string value) in attributes)
            page.Append(' ').Append(attribute).Append("=\"").Append(Escaped(value)).Append('"');
        page.Append('>');
        return this;
    }

    /// <summary>Closes an element.</summary>
    public Html Close(string name)
    {
        page.Append("</").Append(name).Append(">\n");
        return this;
    }

    /// <summary>An element with a text.</summary>
    public Html Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        page.Append(Escaped(text));
        return Close(name);
    }

    /// <summary>Text of our own that is HTML, or a style sheet.</summary>
    public Html Own(string html)
    {
        page.Append(html);
        return this;
    }

    /// <summary>A number in SVG.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The page.</summary>
    public override string ToString() => page.ToString();

    // Besides markup, characters that change the direction of text or are not seen.
    private static string Escaped(string text) => WebUtility.HtmlEncode(Messages.OfReceipt(text));
}
