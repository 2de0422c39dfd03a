using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Bystanders;

/// <summary>
/// What fills the memory: a file in a tmpfs whose name is removed at once, so that the kernel gives everything back when this program
/// ends, however it does.
/// </summary>
public sealed class Filling : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private const int MostScares = 3;
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

    /// <summary>What is taken.</summary>
    public long Bytes => file.Length;

    /// <summary>Takes or gives back until as much is left as the plan says.</summary>
    /// <exception cref="MeasurementException">Somebody else takes memory at the same time, or the tmpfs is full.</exception>
    public void Adjust()
    {
        int scares = 0;
        while (true)
        {
            long available = MemoryState.Now().Available;
            if (plan.IsUnsafe(available) && (Bytes == 0 || ++scares == MostScares))
            {
                GiveBackAll();
                throw new MeasurementException($"only {available >> 20} MiB of memory were left: somebody else is taking it");
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

    /// <summary>Gives everything back. From any thread.</summary>
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
