using System.Globalization;
using BundleCopier.Input;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>Names for a bundle whose own name is taken.</summary>
internal static class FreeName
{
    private const int MaxNumber = 9;
    private const int RandomLength = 12;

    /// <summary>The first of NAME.1 to NAME.9 that is free, otherwise one that cannot be guessed.</summary>
    /// <param name="directory">The destination.</param>
    /// <param name="bundle">The bundle's own name.</param>
    public static string Next(IDirectory directory, string bundle)
    {
        for (int i = 1; i <= MaxNumber; i++)
        {
            string name = Numbered(bundle, i);
            if (directory.Probe(name).Error.Code == ENOENT)
                return name;
        }

        return Random(bundle);
    }

    /// <summary>NAME.1 and so on.</summary>
    public static string Numbered(string bundle, int number) =>
        With(bundle, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A name that no other program can guess, and take before the bundle has it.</summary>
    public static string Random(string bundle) => With(bundle, Guid.NewGuid().ToString("n")[..RandomLength]);

    /// <summary>True when a copy of the bundle may have chosen the name.</summary>
    public static bool IsOf(string bundle, string name)
    {
        if (name == bundle)
            return true;
        int dot = name.LastIndexOf('.');
        return dot > 0 && With(bundle, name[(dot + 1)..]) == name;
    }

    private static string With(string bundle, string suffix)
    {
        int length = Math.Min(bundle.Length, NameRules.MaxBundleLength - suffix.Length - 1);
        return $"{bundle[..Math.Max(0, length)]}.{suffix}";
    }
}
