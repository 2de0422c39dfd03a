using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>
/// Fills the memory with a file in a tmpfs. Its name is removed at once, so the kernel frees the file when this
/// program ends for whatever reason.
/// </summary>
public sealed class Filling : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private const int MaxUnsafeLooks = 3;
    private readonly byte[] piece = new byte[PieceBytes];
    private readonly FillPlan plan;
    private readonly FileStream file;
    private readonly Lock gate = new();

    public Filling(FillPlan plan, string directory)
    {
        this.plan = plan;
        string path = Path.Combine(directory, "filling");
        file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        File.Delete(path);
    }

    /// <summary>The bytes taken.</summary>
    public long Bytes => file.Length;

    /// <summary>Takes or frees memory until as much is left as the plan says.</summary>
    /// <exception cref="MeasurementException">
    /// Another program takes memory at the same time, or the tmpfs is full.
    /// </exception>
    public void Adjust()
    {
        int unsafeLooks = 0;
        while (true)
        {
            long available = MemoryState.Now().Available;
            if (plan.IsUnsafe(available) && (Bytes == 0 || ++unsafeLooks == MaxUnsafeLooks))
            {
                GiveBackAll();
                throw new MeasurementException($"only {available >> 20} MiB left: another program takes memory");
            }

            switch (plan.Next(available, Bytes))
            {
                case > 0 and var more:
                    Take(more);
                    break;
                case < 0 and var less:
                    GiveBack(-less);
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>Frees everything. Can be called from any thread.</summary>
    public void GiveBackAll() => GiveBack(Bytes);

    public void Dispose() => file.Dispose();

    private void Take(long bytes)
    {
        lock (gate)
        {
            try
            {
                file.Seek(0, SeekOrigin.End);
                for (long taken = 0; taken < bytes; taken += PieceBytes)
                    file.Write(piece, 0, (int)Math.Min(PieceBytes, bytes - taken));
            }
            catch (IOException full)
            {
                throw new MeasurementException($"the memory cannot be filled: {full.Message}");
            }
        }
    }

    private void GiveBack(long bytes)
    {
        lock (gate)
            file.SetLength(Math.Max(0, file.Length - bytes));
    }
}
