using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// The receipt of a bundle, held open. It is read again whenever its files are asked for, because holding the entries
/// of 150,000 files takes 200 MB.
/// </summary>
internal sealed class StoredReceipt : IDisposable
{
    private const int WindowBytes = SegmentGrid.SegmentBytes;

    private static readonly ReceiptLimits Checked = ReceiptLimits.Stored with { KeepsRanges = false };

    private readonly StoredFile file;
    private readonly ISlabMemory memory;
    private readonly string where;

    private StoredReceipt(StoredFile file, ISlabMemory memory, string where)
    {
        this.file = file;
        this.memory = memory;
        this.where = where;
    }

    /// <summary>Takes over a receipt that is open. It is disposed of where it cannot be used.</summary>
    /// <param name="kernel">Gives the memory to read it.</param>
    /// <param name="source">The receipt.</param>
    /// <param name="where">What error messages call it.</param>
    public static Result<StoredReceipt, BundleProblem> Open(IMemoryKernel kernel, ISourceFile source, string where)
    {
        IoResult result = source.Status(out FileStat status);
        StoredFile stored = new(source, status.SizeBytes);
        BundleProblem problem;
        if (!result.IsOk)
            problem = Unreadable(where, $"it cannot be read ({result.Error.Name})", "Check the disk.");
        else if (stored.SizeBytes > ReceiptLimits.MaxBytes)
            problem = Unreadable(where, $"it has {stored.SizeBytes} bytes, too many", "Restore it from a copy.");
        else if (!kernel.AllocateSlabs(WindowBytes).Try(out ISlabMemory? memory, out Errno error))
            problem = BundleProblem.OutOfMemory(error);
        else
            return new StoredReceipt(stored, memory, where);
        source.Dispose();
        return problem;
    }

    /// <summary>Reads and checks all of it.</summary>
    /// <param name="take">Gets each file; its ranges are valid only meanwhile.</param>
    /// <param name="takeLabel">Gets each label.</param>
    /// <returns>The receipt without its files.</returns>
    /// <exception cref="ReceiptException">It cannot be read.</exception>
    public Parsed<BundleReceipt> Check(
        Action<ReceiptFile>? take = null, Action<string, string>? takeLabel = null)
    {
        using Stream text = OpenText();
        return ReceiptReader.Read(
            text,
            where,
            Checked with
            {
                TakeLabel = takeLabel,
            },
            take ?? (static _ => { }),
            () => Files(Checked));
    }

    /// <summary>Its files, each checked on its own.</summary>
    /// <exception cref="ReceiptException">It cannot be read, or has changed since it was checked.</exception>
    public IEnumerable<ReceiptFile> Files() => Files(ReceiptLimits.Stored);

    private IEnumerable<ReceiptFile> Files(ReceiptLimits limits)
    {
        using Stream text = OpenText();
        ReceiptScanner scanner = new(text, where, limits);
        while (scanner.Next() is { } next)
            yield return next.IsOk ? next.Value : throw new ReceiptException(next.Error);
    }

    public void Dispose()
    {
        file.Source.Dispose();
        memory.Dispose();
    }

    private StoredStream OpenText()
    {
        // The lists that the reading before this one made are garbage by now.
        if (file.SizeBytes >= LittleMemory.LargeBytes)
            LittleMemory.Collect();
        return new StoredStream(file, new FrameWindow(memory.Address, WindowBytes), where);
    }

    private static BundleProblem.ReceiptDamaged Unreadable(string where, string problem, string mend) =>
        new(new InputError(where, "", problem, mend));
}

/// <summary>
/// A receipt that was checked cannot be read any more. Rare, and met in the middle of other work, so it is thrown.
/// </summary>
internal sealed class ReceiptException(InputError error) : Exception(error.ToString())
{
    public InputError Error => error;
}

/// <summary>A stored file as a stream of its bytes, in order, around the page cache.</summary>
internal sealed class StoredStream(StoredFile file, FrameWindow window, string where) : Stream
{
    private const int MaxReadBytes = 64 * 1024;

    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int length = (int)Math.Min(Math.Min(buffer.Length, MaxReadBytes), file.SizeBytes - position);
        if (length == 0)
            return 0;
        if (window.Load(file, position, length, file.SizeBytes) is { } damage)
            throw new ReceiptException(new InputError(where, "", damage.Message, "Check the disk."));
        window.Loaded.CopyTo(buffer);
        position += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
