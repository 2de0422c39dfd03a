using System.Text;

namespace CrashingEngine;

/// <summary>A ring buffer of numbered log lines: the newest line overwrites the beginning of the oldest one.</summary>
internal sealed class RingLog(SharedMemory memory, int number, ulong seed)
{
    private Seeded _random = new(seed + (ulong)number);
    private long _sequence;
    private long _written;

    public void WriteOnceAndAHalfRound()
    {
        while (_written < memory.Length + memory.Length / 2)
            WriteLine();
    }

    public void WriteLine()
    {
        string level = _random.Below(50) == 0 ? "WARN" : "INFO";
        Write(Encoding.ASCII.GetBytes(
            $"{_sequence:D10} thread-{number} {level} order {_random.Below(1_000_000):D6} "
            + $"matched at {_random.Below(20_000)} in {_random.Below(900)} us\n"));
        _sequence++;
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        while (!line.IsEmpty)
        {
            long offset = _written % memory.Length;
            int length = (int)Math.Min(line.Length, memory.Length - offset);
            line[..length].CopyTo(memory.At(offset, length));
            line = line[length..];
            _written += length;
        }
    }
}
