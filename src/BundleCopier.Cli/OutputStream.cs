using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// Standard output as a stream that buffers nothing, for long outputs. A failure does not throw: all later writes are
/// skipped, and <see cref="Answer"/> says what happened.
/// </summary>
internal sealed class OutputStream(StandardOutput output) : Stream
{
    /// <summary>The result of all writes so far.</summary>
    public OutputAnswer Answer { get; private set; } = OutputAnswer.Written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Answer == OutputAnswer.Written)
            Answer = output.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
