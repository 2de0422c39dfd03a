using System.Text;
using BundleCopier.Cli;
using Xunit;

namespace BundleCopier.Tests.Serve;

/// <summary>Entries of the system's journal, whose values processes choose.</summary>
public sealed class JournalEntryTests
{
    [Fact]
    public void A_field_has_its_name_the_length_of_its_value_and_the_value()
    {
        JournalEntry entry = new();
        entry.Add("MESSAGE", "hä");
        entry.Add("EMPTY", "");
        entry.Add("NONE", null);
        Assert.Equal("MESSAGE\n\x03\0\0\0\0\0\0\0hä\n"u8, entry.Bytes);
    }

    [Fact]
    public void No_value_makes_another_field_or_controls_a_terminal()
    {
        JournalEntry entry = new();
        entry.Add("COREDUMP_COMM", "a\nMESSAGE=lie\x1b[2J\udcff");
        Assert.Equal(@"a\u000aMESSAGE=lie\u001b[2J\xff", Read(entry)["COREDUMP_COMM"]);
    }

    [Fact]
    public void A_long_value_loses_its_middle()
    {
        JournalEntry entry = new();
        entry.Add("COREDUMP_CMDLINE", "first" + new string('x', 1 << 20) + "last");
        string value = Read(entry)["COREDUMP_CMDLINE"];
        Assert.Equal(JournalEntry.MaxValueChars + 3, value.Length);
        Assert.StartsWith("first", value, StringComparison.Ordinal);
        Assert.EndsWith("last", value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_keeps_all_its_bytes()
    {
        JournalEntry entry = new();
        entry.AddPath("COREDUMP_FILENAME", "/a\nb\udcff");
        byte[] end = [.. "/a\nb"u8, 0xff, (byte)'\n'];
        Assert.True(entry.Bytes.EndsWith(end));
    }

    /// <summary>The fields of an entry.</summary>
    internal static Dictionary<string, string> Read(JournalEntry entry)
    {
        Dictionary<string, string> fields = [];
        ReadOnlySpan<byte> rest = entry.Bytes;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            string name = Encoding.ASCII.GetString(rest[..end]);
            int length = (int)BitConverter.ToInt64(rest[(end + 1)..]);
            ReadOnlySpan<byte> value = rest.Slice(end + 1 + sizeof(long), length);
            fields.Add(name, Encoding.UTF8.GetString(value));
            rest = rest[(end + 1 + sizeof(long) + length + 1)..];
        }

        return fields;
    }
}
