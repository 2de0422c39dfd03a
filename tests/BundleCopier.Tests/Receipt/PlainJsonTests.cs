using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BundleCopier.Cli.Serve;
using BundleCopier.Input;
using BundleCopier.Receipt;
using Xunit;

namespace BundleCopier.Tests.Receipt;

/// <summary>JSON that the program writes can be printed on a terminal, and is read back as the same.</summary>
public sealed class PlainJsonTests
{
    // Escape sequences, C1, line separators, bidi controls, characters that are not seen, and one beyond U+FFFF.
    private const string Evil =
        "e\u001b[31m\u0007\u009b2J\u0085\u007f\r\n\u2028\u2029\u202e\u2066\u200e\u00ad\ufeff\u3164\U000e0041\"\\x";

    [Fact]
    public void No_field_of_a_receipt_has_what_a_terminal_does_not_just_show()
    {
        string full = Receipts.Text(Receipts.Full);
        int count = Texts(JsonNode.Parse(full)!).Count();
        int tried = 0;
        for (int i = 0; i < count; i++)
        {
            JsonNode changed = JsonNode.Parse(full)!;
            Texts(changed).ElementAt(i).ReplaceWith(Evil);
            if (Deserialized(changed) is not { } receipt)
                continue;
            tried++;
            IsPlain(receipt);
        }

        // The others are times, modes, base64 and words of which there are a few.
        Assert.InRange(tried, 17, count);
        IsPlain(Receipts.Full with
        {
            Labels = new Dictionary<string, string> { [Evil] = Evil },
            Durability = [Evil],
            WantedBundle = Evil,
            Files =
            [
                Receipts.Copied with
                {
                    SourceMetadata = Receipts.Copied.SourceMetadata! with
                    {
                        Xattrs = new Dictionary<string, ReadOnlyMemory<byte>> { [Evil] = new byte[] { 1 } },
                        XattrsOmitted = new OmittedXattrs([Evil], null),
                    },
                },
            ],
        });
    }

    [Fact]
    public void The_state_of_the_server_has_nothing_that_a_terminal_does_not_just_show()
    {
        ServerRecord record = new();
        record.Add(new FinishedCrash(Evil, default, Evil, Evil, DateTimeOffset.UnixEpoch, 1));
        Crash.Manifest waiting = new(1, Evil, 0, 0, 0);
        string text = Encoding.UTF8.GetString(StatusJson.Of(
            new ServerState(Evil, 1, false, Evil, waiting, 0, [waiting], record)));
        Assert.Equal(Printable.Of(text), text);
        Assert.Equal(Evil, JsonNode.Parse(text)!["last"]![0]!["message"]!.GetValue<string>());
    }

    [Fact]
    public void An_answer_of_another_program_than_the_server_is_shown_in_the_same_way()
    {
        const string Text = "{\"state\":\"a\u202eb\",\"c\u009b\":[\"\u0085\"]}";
        using JsonDocument answer = JsonDocument.Parse(Text);
        string line = Encoding.UTF8.GetString(StatusJson.LineOf(answer.RootElement));
        Assert.Equal("{\"state\":\"a\\u202Eb\",\"c\\u009B\":[\"\\u0085\"]}\n", line, ignoreCase: true);
    }

    [Fact]
    public void Text_of_any_language_stays_readable()
    {
        const string text = "/dev/shm/Zürich 東京 مرحبا שלום <a&b> 'c'+d";
        Assert.Equal($"\"{text}\"", Written(writer => writer.WriteStringValue(text)));
        Assert.Equal($"\"{text}\"", Written(writer => writer.WriteStringValue(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void Each_character_is_read_back()
    {
        string all = string.Concat(
            Enumerable.Range(0, 0x1_1000).Where(static c => Rune.IsValid(c)).Select(static c => new Rune(c)));
        string text = Written(writer => writer.WriteStringValue(all));
        Assert.Equal(Printable.Of(text), text);
        Assert.Equal(all, JsonSerializer.Deserialize<string>(text));
        text = Written(writer => writer.WriteStringValue(Encoding.UTF8.GetBytes(all)));
        Assert.Equal(Printable.Of(text), text);
        Assert.Equal(all, JsonSerializer.Deserialize<string>(text));
    }

    private static void IsPlain(BundleReceipt receipt)
    {
        foreach (bool indented in (bool[])[false, true])
        {
            string written = Receipts.Text(receipt, indented);
            Assert.All(written.Split('\n'), static line => Assert.Equal(Printable.Of(line), line));
            Assert.Contains(Evil, Texts(JsonNode.Parse(written)!).Select(static v => v.GetValue<string>()));
        }
    }

    private static BundleReceipt? Deserialized(JsonNode receipt)
    {
        try
        {
            return receipt.Deserialize(ReceiptJson.Default.BundleReceipt);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> to = new();
        using (Utf8JsonWriter writer = new(to, ReceiptJson.WriterOptions(indented: false)))
            write(writer);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static IEnumerable<JsonValue> Texts(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(static p => p.Value is null ? [] : Texts(p.Value)),
        JsonArray a => a.SelectMany(static item => item is null ? [] : Texts(item)),
        JsonValue v when v.GetValueKind() == JsonValueKind.String => [v],
        _ => [],
    };
}
