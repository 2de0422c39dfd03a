using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Cli;

/// <summary>
/// An entry of the system's journal. Each field is written with the length of its value, so no value can make another
/// field.
/// </summary>
internal sealed class JournalEntry
{
    /// <summary>A longer value loses its middle.</summary>
    public const int MaxValueChars = 64 * 1024;

    private readonly ArrayBufferWriter<byte> written = new();

    public ReadOnlySpan<byte> Bytes => written.WrittenSpan;

    /// <summary>
    /// Adds a field with a text. A process may have chosen it, and journalctl(1) and coredumpctl(1) may print it to a
    /// terminal, so it is escaped like all that we print.
    /// </summary>
    /// <param name="name">The field.</param>
    /// <param name="value">Its value; nothing is added where it is null or empty.</param>
    public void Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Add(name, Encoding.UTF8.GetBytes(Printable.Of(Printable.Shortened(value, MaxValueChars))));
    }

    /// <summary>Adds a field with a path that programs open: byte for byte.</summary>
    public void AddPath(string name, string path) => Add(name, NameBytes.Of(path));

    private void Add(string name, byte[] value)
    {
        written.Write(Encoding.ASCII.GetBytes(name + "\n"));
        BinaryPrimitives.WriteInt64LittleEndian(written.GetSpan(sizeof(long)), value.Length);
        written.Advance(sizeof(long));
        written.Write(value);
        written.Write("\n"u8);
    }
}
