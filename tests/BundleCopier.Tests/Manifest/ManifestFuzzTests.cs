using System.Text;
using BundleCopier.Input;
using BundleCopier.Manifest;
using CsCheck;
using Xunit;

namespace BundleCopier.Tests.Manifest;

/// <summary>Valid JSON with random edits: the reader returns a value or an error and never throws.</summary>
public sealed class ManifestFuzzTests
{
    private static readonly byte[] Seed = Encoding.UTF8.GetBytes(ManifestReaderTests.Full);

    private static readonly byte[][] Fragments =
        [.. ((string[])["{", "}", "[", "]", ",", ":", "\"", "null", "-1", "1e400", "\\u0000", "\\ud800", "..", "/",
            "*", "\u0000", "9223372036854775807", "\"x\":1,", "true"])
            .Select(Encoding.UTF8.GetBytes), [0xFF], [0xEF, 0xBB, 0xBF]];

    // The place, the number of removed bytes, and the inserted bytes.
    private static readonly Gen<(int At, int Removed, byte[] Added)> Edit =
        Gen.Select(
            Gen.Int[0, Seed.Length], Gen.Int[0, 6], Gen.OneOf(
            Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]), Gen.Byte.Array[0, 4]));

    [Fact]
    public void A_mutated_manifest_never_throws_and_every_error_is_one_line() =>
        Edit.Array[1, 5].Sample(
            edits =>
            {
                List<byte> text = [.. Seed];
                foreach ((int at, int removed, byte[] added) in edits)
                {
                    int from = Math.Min(at, text.Count);
                    text.RemoveRange(from, Math.Min(removed, text.Count - from));
                    text.InsertRange(from, added);
                }
                Parsed<BundleManifest> parsed = ManifestReader.Read(text.ToArray(), "m");
                return parsed.IsOk ? parsed.Value.Files.Count > 0 : !parsed.ToString().Any(char.IsControl)
                    && parsed.Error.Mend.Length > 0;
            },
            iter: 20_000);
}
