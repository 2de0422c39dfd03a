using System.Text;

namespace BundleCopier.Tests.Receipt;

/// <summary>A long text that is not in memory: a beginning, and then the same piece again and again.</summary>
internal sealed class RepeatStream(string beginning, string piece, long sizeBytes) : MemoryStream
{
    private readonly byte[] first = Encoding.UTF8.GetBytes(beginning);
    private readonly byte[] repeated = Encoding.UTF8.GetBytes(piece);
    private long at;

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, sizeBytes - at);
        for (int i = 0; i < count; i++, at++)
            buffer[i] = at < first.Length ? first[at] : repeated[(at - first.Length) % repeated.Length];
        return count;
    }
}
